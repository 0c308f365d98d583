package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.storage.Disk;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory as it is, on which the very code that a host runs can be let loose: what that writes
 * stays in memory, and the directory is never changed.
 */
final class ViewDisk implements Disk {
    private final Path directory;
    private final TreeMap<String, ViewFile> files = new TreeMap<>();

    private ViewDisk(Path directory) {
        this.directory = directory;
    }

    static ViewDisk of(Path directory) throws IOException {
        return before(directory, null, 0);
    }

    /**
     * The log as it was before one place of it was written.
     *
     * @param segment the file of that place; all later segments are hidden. Null to hide nothing
     * @param offset from here on that file shows zeros
     */
    static ViewDisk before(Path directory, @Nullable String segment, long offset)
            throws IOException {
        ViewDisk view = new ViewDisk(directory);
        try (Stream<Path> all = Files.list(directory)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String name = String.valueOf(file.getFileName());
                long shownUntil = Long.MAX_VALUE;
                if (segment != null && name.startsWith("wal-") && name.compareTo(segment) >= 0) {
                    if (name.compareTo(segment) > 0 || offset == 0) {
                        continue;
                    }
                    shownUntil = offset;
                }
                view.files.put(name, new ViewFile(file, Files.size(file), shownUntil));
            }
        }
        return view;
    }

    @Override
    public Closeable lock() {
        return () -> {}; // held already, on the directory itself
    }

    @Override
    public List<String> list() {
        return List.copyOf(files.keySet());
    }

    @Override
    public File create(String name) throws IOException {
        if (files.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        ViewFile made = new ViewFile(null, 0, 0);
        files.put(name, made);
        return made.open(name);
    }

    @Override
    public File open(String name) throws IOException {
        return find(name).open(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        files.put(to, find(from));
        files.remove(from);
    }

    @Override
    public void delete(String name) throws IOException {
        ViewFile unused = find(name);
        files.remove(name);
    }

    @Override
    public void syncDirectory() {}

    @Override
    public String toString() {
        return directory.toString();
    }

    private ViewFile find(String name) throws FileNotFoundException {
        ViewFile file = files.get(name);
        if (file == null) {
            throw new FileNotFoundException(name + " in " + directory);
        }
        return file;
    }
}
