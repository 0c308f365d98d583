package dev.lockstep.raft.storage;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads anything but one block of one file. */
record UnreadableDisk(Disk disk, String file, long offset) implements DelegatingDisk {
    @Override
    public Disk.File open(String name) throws IOException {
        Disk.File opened = disk.open(name);
        return name.equals(file) ? new UnreadableFile(opened, offset) : opened;
    }

    private record UnreadableFile(Disk.File file, long offset) implements DelegatingDisk.File {
        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            if (position <= offset && offset < position + target.remaining()) {
                throw new IOException("Input/output error");
            }
            return file.read(target, position);
        }
    }
}
