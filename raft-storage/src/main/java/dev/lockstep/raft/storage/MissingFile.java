package dev.lockstep.raft.storage;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Stands where a file should be and isn't: it is empty, and takes nothing.
 *
 * @param name the file's
 */
record MissingFile(String name) implements Disk.File {
    @Override
    public long size() {
        return 0;
    }

    @Override
    public int read(ByteBuffer target, long position) {
        return 0;
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
        throw new IOException(name + " is missing");
    }

    @Override
    public void sync() {}

    @Override
    public void close() {}
}
