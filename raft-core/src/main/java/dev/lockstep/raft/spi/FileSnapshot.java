package dev.lockstep.raft.spi;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * The files below a directory as a state, for a {@link StateMachine} that keeps it in files: those
 * that its {@code snapshot} made in a directory of their own, such as the checkpoint of an embedded
 * database, copies, or links to files that are never written again. {@link #restore} makes them
 * again.
 *
 * <p>For each file, by name: u8 1, its name below the directory with slashes, its length (u64), its
 * bytes, their CRC-32C (u32). Then u8 0. The snapshot as a whole has a checksum beside these.
 *
 * <p>Holds nothing in memory but one buffer. Links, pipes and the like are refused, and empty
 * directories are left out.
 */
public final class FileSnapshot implements SnapshotSource {
    private static final int BUFFER_BYTES = 64 << 10;

    private final Path directory;
    private final boolean isOwned;

    private FileSnapshot(Path directory, boolean isOwned) {
        this.directory = directory;
        this.isOwned = isOwned;
    }

    /** Of a directory whose files nobody changes before {@link #close}, and which stays. */
    public static FileSnapshot of(Path directory) {
        return new FileSnapshot(directory, false);
    }

    /** Of a directory that was made for this, and is deleted with all that is in it afterwards. */
    public static FileSnapshot ofOwn(Path directory) {
        return new FileSnapshot(directory, true);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IOException also when a file can't be read, isn't an ordinary one, or changes
     */
    @Override
    public void writeTo(DataOutputStream out) throws IOException {
        for (Path file : below(directory)) {
            if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException(file + " is no ordinary file, so no snapshot can hold it");
            }
            long length = Files.size(file);
            out.writeByte(1);
            out.writeUTF(nameOf(file));
            out.writeLong(length);
            try (InputStream in = Files.newInputStream(file)) {
                int checksum = copy(in, out, length, file);
                if (in.read() >= 0) {
                    throw new IOException(file + " grew while it was written to a snapshot");
                }
                out.writeInt(checksum);
            }
        }
        out.writeByte(0);
    }

    private String nameOf(Path file) {
        List<String> names = new ArrayList<>();
        directory.relativize(file).forEach(name -> names.add(name.toString()));
        return String.join("/", names);
    }

    /** Deletes the directory if it was made for this. */
    @Override
    public void close() {
        if (isOwned && Files.exists(directory)) {
            try {
                deleteBelow(directory);
                Files.delete(directory);
            } catch (IOException e) {
                // What is left costs room and nothing else; who makes the next one finds it.
            }
        }
    }

    /**
     * Makes the files of a snapshot in a directory that is empty or not there yet, and returns once
     * they are durable, names included. What else the directory's parents hold stays.
     *
     * @throws IOException when the directory holds something, what is read isn't what {@link
     *     #writeTo} wrote, or the disk fails; the directory is empty or not there then, as before
     */
    public static void restore(DataInputStream in, Path directory) throws IOException {
        boolean isNew = makeDurably(directory.toAbsolutePath().normalize());
        if (!below(directory).isEmpty()) {
            throw new IOException(
                    directory
                            + " isn't empty: a snapshot isn't mixed with other files. Nothing was"
                            + " changed");
        }
        try {
            while (in.readByte() != 0) {
                restoreFile(in, directory);
            }
            sync(directory);
        } catch (IOException | RuntimeException e) {
            try {
                deleteBelow(directory);
                if (isNew) {
                    Files.delete(directory);
                }
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
    }

    /**
     * Returns whether it wasn't there; its name, and those of parents that weren't, are durable.
     */
    private static boolean makeDurably(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return false;
        }
        Path parent = directory.getParent();
        if (parent != null) {
            makeDurably(parent);
        }
        Files.createDirectory(directory);
        if (parent != null) {
            sync(parent);
        }
        return true;
    }

    private static void restoreFile(DataInputStream in, Path directory) throws IOException {
        String name = in.readUTF();
        Path root = directory.toAbsolutePath().normalize();
        Path file;
        try {
            file = root.resolve(name).normalize();
        } catch (InvalidPathException e) {
            throw new IOException("no file in " + directory + " can have such a name", e);
        }
        if (name.isEmpty() || !file.startsWith(root) || file.equals(root)) {
            throw new IOException("'" + name + "' would not be below " + directory);
        }
        long length = in.readLong();
        if (length < 0) {
            throw new IOException(file + " is said to have " + length + " bytes");
        }
        Files.createDirectories(file.getParent());
        int checksum;
        try (FileChannel channel =
                        FileChannel.open(
                                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                OutputStream out = Channels.newOutputStream(channel)) {
            checksum = copy(in, out, length, file);
            channel.force(true);
        }
        if (in.readInt() != checksum) {
            throw new IOException(file + " isn't what was written to the snapshot");
        }
        for (Path at = file.getParent(); at != null && !at.equals(root); at = at.getParent()) {
            sync(at);
        }
    }

    /** Returns the CRC-32C of what was copied. */
    private static int copy(InputStream in, OutputStream out, long length, Path file)
            throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        CRC32C checksum = new CRC32C();
        long left = length;
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new EOFException(file + " has " + left + " bytes less than it should");
            }
            out.write(buffer, 0, read);
            checksum.update(buffer, 0, read);
            left -= read;
        }
        return (int) checksum.getValue();
    }

    /** All that is below it, by name; a directory comes before what is in it. */
    private static List<Path> below(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory, new FileVisitOption[0])) {
            return all.filter(path -> !path.equals(directory)).sorted().toList();
        }
    }

    private static void deleteBelow(Path directory) throws IOException {
        for (Path path : below(directory).stream().sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(path);
        }
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
