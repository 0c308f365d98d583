package dev.lockstep.raft.benchmarks;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What the device itself can do: one writer, one file that was filled with zeros before, each write
 * behind the last and followed by fdatasync.
 */
final class DeviceFloor implements AutoCloseable {
    private static final int FILE_BYTES = 64 << 20;
    private static final int ALIGNMENT = 4096;

    private final FileChannel channel;
    private final ByteBuffer source;
    private long position;

    /**
     * @param direct whether writes go past the page cache
     * @param bytes of one write, a multiple of 512
     */
    DeviceFloor(Path file, boolean direct, int bytes) throws IOException {
        try (FileChannel zeros =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            ByteBuffer chunk = ByteBuffer.allocateDirect(1 << 20);
            for (long at = 0; at < FILE_BYTES; at += chunk.capacity()) {
                zeros.write(chunk.clear(), at);
            }
            zeros.force(true);
        }
        channel =
                direct
                        ? FileChannel.open(
                                file, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)
                        : FileChannel.open(file, StandardOpenOption.WRITE);
        source = ByteBuffer.allocateDirect(bytes + ALIGNMENT).alignedSlice(ALIGNMENT).limit(bytes);
        for (int i = 0; i < bytes; i++) {
            source.put(i, (byte) (i * 31));
        }
    }

    void write() throws IOException {
        if (position + source.limit() > FILE_BYTES) {
            position = 0;
        }
        source.position(0);
        source.putLong(0, position);
        while (source.hasRemaining()) {
            position += channel.write(source, position);
        }
        channel.force(false);
    }

    /** Reads a file from its beginning to its end, a MiB at a time. */
    static long read(Path file) throws IOException {
        long bytes = 0;
        ByteBuffer chunk = ByteBuffer.allocateDirect(1 << 20);
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk.clear())) {
                bytes += read;
            }
        }
        return bytes;
    }

    /** Makes the system forget what it holds of a file in memory. */
    static void dropFromCache(Path file) throws IOException, InterruptedException {
        Process dd =
                new ProcessBuilder(
                                "dd",
                                "of=" + file,
                                "oflag=nocache",
                                "conv=notrunc,fdatasync",
                                "count=0",
                                "status=none")
                        .inheritIO()
                        .start();
        if (dd.waitFor() != 0) {
            throw new IOException("dd can't drop " + file + " from the cache");
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    static void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }
}
