package dev.lockstep.raft.testkit.fuzz;

import dev.lockstep.raft.storage.Disk;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/** Files in memory, as fast as a fuzzer wants them. */
public final class MemoryDisk implements Disk {
    private final TreeMap<String, Bytes> files = new TreeMap<>();

    private static final class Bytes {
        byte[] bytes = new byte[0];
    }

    /** Puts a file there, with these bytes. */
    public MemoryDisk put(String name, byte[] bytes) {
        Bytes file = new Bytes();
        file.bytes = bytes;
        files.put(name, file);
        return this;
    }

    @Override
    public Closeable lock() {
        return () -> {};
    }

    @Override
    public List<String> list() {
        return List.copyOf(files.keySet());
    }

    @Override
    public File create(String name) throws IOException {
        put(name, new byte[0]);
        return open(name);
    }

    @Override
    public File open(String name) throws IOException {
        Bytes file = find(name);
        return new File() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public long size() {
                return file.bytes.length;
            }

            @Override
            public int read(ByteBuffer target, long position) {
                int count = (int) Math.max(0, Math.min(target.remaining(), size() - position));
                target.put(file.bytes, (int) Math.min(position, size()), count);
                return count;
            }

            @Override
            public void write(ByteBuffer source, long position) {
                int end = (int) position + source.remaining();
                if (end > file.bytes.length) {
                    file.bytes = Arrays.copyOf(file.bytes, end);
                }
                source.get(file.bytes, (int) position, source.remaining());
            }

            @Override
            public void sync() {}

            @Override
            public void close() {}
        };
    }

    @Override
    public void rename(String from, String to) throws IOException {
        files.put(to, find(from));
        files.remove(from);
    }

    @Override
    public void delete(String name) {
        files.remove(name);
    }

    @Override
    public void syncDirectory() {}

    @Override
    public String toString() {
        return "memory";
    }

    private Bytes find(String name) throws FileNotFoundException {
        Bytes file = files.get(name);
        if (file == null) {
            throw new FileNotFoundException(name);
        }
        return file;
    }
}
