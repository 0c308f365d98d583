package dev.lockstep.raft.storage;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file that is read from its disk ({@code O_DIRECT}): what was written and synced a moment ago is
 * still in the page cache, which would show it whole whatever the disk made of it. For one thread.
 */
final class UncachedFile implements Disk.File {
    private static final int MOST_BYTES = 256 << 10;

    private final Path path;
    private final FileChannel channel;
    private final int unit;

    /** What was read last, of the file from {@link #from} on, up to its limit. */
    private final ByteBuffer chunk;

    private long from;

    private UncachedFile(Path path, FileChannel channel, int unit) throws IOException {
        this.path = path;
        this.channel = channel;
        this.unit = unit;
        int bytes = (int) Math.min(MOST_BYTES, (channel.size() + unit) / unit * unit);
        this.chunk = ByteBuffer.allocateDirect(bytes + unit).alignedSlice(unit).slice(0, bytes);
        fill(0);
    }

    /**
     * Null where the file system, the device or the platform doesn't do it.
     *
     * @param known whether they do it; what fails then is the disk, which a read from memory would
     *     hide
     */
    static @Nullable UncachedFile open(Path path, boolean known) throws IOException {
        FileChannel channel;
        int unit;
        try {
            long blockSize = Files.getFileStore(path).getBlockSize();
            if (blockSize > DirectChannel.MOST_UNIT_BYTES || Long.bitCount(blockSize) != 1) {
                return null;
            }
            unit = (int) blockSize;
            channel = FileChannel.open(path, StandardOpenOption.READ, ExtendedOpenOption.DIRECT);
        } catch (IOException | UnsupportedOperationException e) {
            return null;
        }
        return of(path, channel, unit, known);
    }

    /** As {@link #open}, of a channel that is open, and is closed when its first read fails. */
    static @Nullable UncachedFile of(Path path, FileChannel channel, int unit, boolean known)
            throws IOException {
        try {
            return new UncachedFile(path, channel, unit);
        } catch (IOException e) {
            channel.close();
            if (known) {
                throw Room.withName(path, e);
            }
            return null;
        }
    }

    private void fill(long position) throws IOException {
        from = position / unit * unit;
        chunk.clear();
        int read = Math.max(0, channel.read(chunk, from));
        chunk.position(0).limit(read);
    }

    @Override
    public String name() {
        return String.valueOf(path.getFileName());
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        int start = target.position();
        while (target.hasRemaining()) {
            long at = position + target.position() - start;
            if (at < from || at >= from + chunk.limit()) {
                try {
                    fill(at);
                } catch (IOException e) {
                    throw Room.withName(path, e);
                }
            }
            int skipped = (int) (at - from);
            int count = Math.min(target.remaining(), chunk.limit() - skipped);
            if (count <= 0) {
                break;
            }
            target.put(chunk.slice(skipped, count));
        }
        return target.position() - start;
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
        throw new IOException(path + " is open to be read");
    }

    @Override
    public void sync() {
        // nothing was written through this
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
