package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.StorageException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/** A directory of the file system. */
final class FileSystemDisk implements Disk {
    private final Path directory;

    /** Whether it was seen to be done. */
    private volatile boolean readsPastCache;

    private FileSystemDisk(Path directory) {
        this.directory = directory;
    }

    /** Makes the directory, durably, where there is none. */
    static FileSystemDisk in(Path directory) throws IOException {
        Path absolute = directory.toAbsolutePath().normalize();
        Deque<Path> missing = new ArrayDeque<>();
        for (Path at = absolute; at != null && !Files.exists(at); at = at.getParent()) {
            missing.push(at);
        }
        for (Path path : missing) {
            Files.createDirectories(path);
            Path parent = path.getParent();
            if (parent != null) {
                sync(parent); // else a crash could take the whole directory, with votes in it
            }
        }
        return new FileSystemDisk(absolute);
    }

    @Override
    public long usableBytes() throws IOException {
        return Room.usableBytes(directory);
    }

    @Override
    public Closeable lock() throws IOException {
        DirectoryLock lock;
        try {
            lock = DirectoryLock.exclusive(directory);
        } catch (IOException e) {
            throw Room.named(directory, e);
        }
        if (lock == null) {
            throw new StorageException(
                    new Fault(
                            Fault.Code.DIRECTORY_LOCKED,
                            directory
                                    + " is used by another host, in this process or another one. Nothing was changed."
                                    + " Stop that host first, or give this one a directory of its own; never copy or"
                                    + " delete files of a directory in use."));
        }
        return lock;
    }

    @Override
    public List<String> list() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
        }
    }

    @Override
    public File create(String name) throws IOException {
        try {
            return ChannelFile.open(directory.resolve(name), StandardOpenOption.CREATE_NEW);
        } catch (IOException e) {
            throw Room.named(directory, e);
        }
    }

    @Override
    public File open(String name) throws IOException {
        try {
            return ChannelFile.open(directory.resolve(name));
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw Room.named(directory, e);
        }
    }

    @Override
    public File openToRead(String name) throws IOException {
        return ChannelFile.openToRead(directory.resolve(name));
    }

    @Override
    public File openToProve(String name) throws IOException {
        File uncached = UncachedFile.open(directory.resolve(name), readsPastCache);
        if (uncached == null) {
            return openToRead(name);
        }
        readsPastCache = true;
        return uncached;
    }

    @Override
    public void rename(String from, String to) throws IOException {
        try {
            Files.move(
                    directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw Room.named(directory, e);
        }
    }

    @Override
    public void delete(String name) throws IOException {
        try {
            Files.delete(directory.resolve(name));
        } catch (IOException e) {
            throw Room.named(directory, e);
        }
    }

    @Override
    public void syncDirectory() throws IOException {
        sync(directory);
    }

    @Override
    public String toString() {
        return directory.toString();
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
