package dev.lockstep.raft.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** A file of the disk, read or written from its beginning. */
final class DiskStreams {
    private DiskStreams() {}

    /** Not buffered. Closing it doesn't close the file. */
    static OutputStream writing(Disk.File file) {
        return new OutputStream() {
            private long position;

            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int count) throws IOException {
                file.write(ByteBuffer.wrap(bytes, from, count), position);
                position += count;
            }
        };
    }

    /** Closing it closes the file. */
    static InputStream reading(Disk.File file) {
        return new InputStream() {
            private long position;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] target, int from, int count) throws IOException {
                if (count == 0) {
                    return 0;
                }
                int read = file.read(ByteBuffer.wrap(target, from, count), position);
                position += read;
                return read == 0 ? -1 : read;
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }
}
