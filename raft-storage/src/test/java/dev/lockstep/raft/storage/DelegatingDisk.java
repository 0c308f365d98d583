package dev.lockstep.raft.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A disk that does what another does, but for what is overridden. */
interface DelegatingDisk extends Disk {
    Disk disk();

    @Override
    default Closeable lock() throws IOException {
        return disk().lock();
    }

    @Override
    default List<String> list() throws IOException {
        return disk().list();
    }

    @Override
    default Disk.File create(String name) throws IOException {
        return disk().create(name);
    }

    @Override
    default Disk.File open(String name) throws IOException {
        return disk().open(name);
    }

    @Override
    default void rename(String from, String to) throws IOException {
        disk().rename(from, to);
    }

    @Override
    default void delete(String name) throws IOException {
        disk().delete(name);
    }

    @Override
    default void syncDirectory() throws IOException {
        disk().syncDirectory();
    }

    /** A file that does what another does, but for what is overridden. */
    interface File extends Disk.File {
        Disk.File file();

        @Override
        default String name() {
            return file().name();
        }

        @Override
        default long size() throws IOException {
            return file().size();
        }

        @Override
        default int read(ByteBuffer target, long position) throws IOException {
            return file().read(target, position);
        }

        @Override
        default void write(ByteBuffer source, long position) throws IOException {
            file().write(source, position);
        }

        @Override
        default void sync() throws IOException {
            file().sync();
        }

        @Override
        default void close() throws IOException {
            file().close();
        }
    }
}
