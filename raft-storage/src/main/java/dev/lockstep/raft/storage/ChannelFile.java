package dev.lockstep.raft.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file through two channels, one for writes and one for reads: an interrupt of a thread that
 * reads closes the channel under it, for everyone, and must not take the log's writer along. The
 * reading one is opened again then. What is large and lies aligned in memory goes past the page
 * cache, through a third one, where the file system has that.
 */
final class ChannelFile implements Disk.File {
    private final Path path;
    private final FileChannel writes;
    private volatile FileChannel reads;
    private volatile boolean closed;
    private boolean directTried;
    private @Nullable DirectChannel direct;

    private ChannelFile(Path path, FileChannel writes, FileChannel reads) {
        this.path = path;
        this.writes = writes;
        this.reads = reads;
    }

    static ChannelFile open(Path path, OpenOption... more) throws IOException {
        Set<OpenOption> options = new HashSet<>(Set.of(more));
        options.add(StandardOpenOption.WRITE);
        FileChannel writes = FileChannel.open(path, options);
        try {
            return new ChannelFile(path, writes, FileChannel.open(path, StandardOpenOption.READ));
        } catch (IOException e) {
            writes.close();
            throw e;
        }
    }

    /** One that can't be written. */
    static ChannelFile openToRead(Path path) throws IOException {
        FileChannel reads = FileChannel.open(path, StandardOpenOption.READ);
        return new ChannelFile(path, reads, reads);
    }

    @Override
    public String name() {
        return String.valueOf(path.getFileName());
    }

    @Override
    public long size() throws IOException {
        return writes.size();
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        int start = target.position();
        boolean interrupted = false;
        try {
            while (true) {
                FileChannel channel = reads;
                try {
                    target.position(start);
                    return readFully(channel, target, position);
                } catch (ClosedChannelException e) { // by an interrupt of this thread or another
                    interrupted |= Thread.interrupted();
                    reopen(channel);
                } catch (IOException e) {
                    throw Room.withName(path, e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
        try {
            DirectChannel channel =
                    source.remaining() < DirectChannel.LEAST_BYTES ? null : directWrites();
            int whole = channel == null ? 0 : channel.suited(source, position);
            if (channel == null || whole == 0) {
                write(source, source.remaining(), position);
                return;
            }
            int before = channel.unaligned(position);
            write(source, before, position);
            int end = source.limit();
            boolean taken =
                    channel.write(source.limit(source.position() + whole), position + before);
            source.limit(end);
            if (!taken) {
                write(source, source.remaining(), position + before);
                giveUpDirectWrites(channel);
                return;
            }
            write(source, source.remaining(), position + before + whole);
        } catch (IOException e) {
            throw Room.named(path, e);
        }
    }

    private void write(ByteBuffer source, int bytes, long position) throws IOException {
        int end = source.limit();
        source.limit(source.position() + bytes);
        for (long at = position; source.hasRemaining(); ) {
            at += writes.write(source, at);
        }
        source.limit(end);
    }

    /** Opened when there is something for it: most files never are written so. */
    private synchronized @Nullable DirectChannel directWrites() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        if (!directTried) {
            directTried = true;
            direct = DirectChannel.open(path);
        }
        return direct;
    }

    /**
     * What failed there was written through the cache, so it is the sync that tells of the disk.
     */
    private synchronized void giveUpDirectWrites(DirectChannel channel) throws IOException {
        direct = null;
        channel.close();
    }

    /** For tests, which have no file system that is found out so late. */
    synchronized void writeLargeOnesThrough(DirectChannel channel) {
        directTried = true;
        direct = channel;
    }

    @Override
    public void sync() throws IOException {
        // Without metadata: size and block map of a segment were synced when it was made, and of a
        // growing file fdatasync writes what is needed to find its bytes again.
        writes.force(false);
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        try {
            reads.close();
        } finally {
            try {
                writes.close();
            } finally {
                if (direct != null) {
                    direct.close();
                }
            }
        }
    }

    private static int readFully(FileChannel channel, ByteBuffer target, long position)
            throws IOException {
        int start = target.position();
        while (target.hasRemaining()) {
            if (channel.read(target, position + target.position() - start) < 0) {
                break;
            }
        }
        return target.position() - start;
    }

    private synchronized void reopen(FileChannel broken) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        if (reads == broken) {
            reads = FileChannel.open(path, StandardOpenOption.READ);
        }
    }
}
