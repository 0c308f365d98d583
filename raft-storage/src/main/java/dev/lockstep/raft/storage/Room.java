package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.DiskFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells a disk that takes no more from one that fails. Java tells them apart by the system's own
 * words only, which are those of the machine's language: so beside the English ones those count
 * that Linux has for writes to {@code /dev/full}. What isn't understood counts as a failure, which
 * is the safe side.
 */
final class Room {
    private static final List<String> WORDS = words();

    private Room() {}

    /** What a failed creation, write, rename or deletion was: that there is no room, or itself. */
    static IOException named(Path path, IOException e) {
        return isFull(path, e)
                ? new DiskFullException(path + ": " + e.getMessage(), e)
                : withName(path, e);
    }

    /** What the system says of a channel doesn't name its file. */
    static IOException withName(Path path, IOException e) {
        return e.getClass() == IOException.class
                ? new IOException(path + ": " + e.getMessage(), e)
                : e;
    }

    private static boolean isFull(Path path, IOException e) {
        String said = String.valueOf(e.getMessage());
        return WORDS.stream().anyMatch(said::contains) || isReadOnly(path);
    }

    private static boolean isReadOnly(Path path) {
        try {
            return store(path).isReadOnly();
        } catch (IOException | SecurityException e) {
            return false;
        }
    }

    /** What may still be written beside that file, as far as that is known. */
    static long usableBytes(Path directory) throws IOException {
        FileStore store = store(directory);
        return store.getTotalSpace() > 0 ? store.getUsableSpace() : Long.MAX_VALUE;
    }

    private static FileStore store(Path path) throws IOException {
        Path parent = path.getParent();
        return Files.getFileStore(Files.exists(path) || parent == null ? path : parent);
    }

    private static List<String> words() {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                "No space left on device",
                                "Disk quota exceeded",
                                "Read-only file system",
                                "There is not enough space on the disk"));
        try (FileChannel full = FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE)) {
            full.write(ByteBuffer.allocate(1));
        } catch (IOException | RuntimeException e) {
            String said = e.getMessage();
            if (Files.exists(Path.of("/dev/full")) && said != null && !said.contains("/dev/full")) {
                words.add(said);
            }
        }
        return List.copyOf(words);
    }
}
