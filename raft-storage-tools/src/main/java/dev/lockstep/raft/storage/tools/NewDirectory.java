package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.storage.FileStorage;
import dev.lockstep.raft.storage.StorageInspection;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The directory that a command makes. It is filled under another name, and gets its own when all of
 * it is durable and the directory that it takes the place of can't be started any more: so a crash
 * leaves one of them to be used, or none yet, and never both.
 */
final class NewDirectory implements Closeable {
    private static final String UNFINISHED = ".unfinished";
    private static final String IDENTITY = "identity";
    static final String RETIRED = "identity.retired";
    private static final int SEGMENT_BYTES = 16 << 20;

    private final Path path;
    private final Path unfinished;
    private final LogStore store;

    private NewDirectory(Path path, Path unfinished, LogStore store) {
        this.path = path;
        this.unfinished = unfinished;
        this.store = store;
    }

    /** Refuses a path at which something is. */
    static void check(Path path) throws IOException {
        if (Files.exists(path)) {
            throw new Refused(
                    path
                            + " exists. Nothing was changed. Name a directory that doesn't exist yet.");
        }
        Path unfinished = unfinished(path);
        if (Files.exists(unfinished)) {
            throw new Refused(
                    unfinished
                            + " is left of a command that was interrupted. If the directory that it was made from has"
                            + " lost its identity to '"
                            + RETIRED
                            + "', rename that back; then delete what is left, and try again. Nothing was changed.");
        }
        Path parent = path.toAbsolutePath().normalize().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new Refused(parent + " is no directory, so " + path + " can't be made there");
        }
    }

    /**
     * @param living replicas that go on as who they were
     */
    static NewDirectory at(Path path, ClusterId cluster, NodeId node, Map<GroupId, UUID> living)
            throws IOException {
        check(path);
        Path unfinished = unfinished(path);
        FileStorage storage = FileStorage.in(unfinished).withSegmentBytes(SEGMENT_BYTES);
        return new NewDirectory(
                path, unfinished, StorageInspection.moveInto(storage, cluster, node, living));
    }

    LogStore store() {
        return store;
    }

    /**
     * Puts it in place.
     *
     * @param left the directory that no host may use any more; null when there is none
     * @param audit what was done, by whom and when
     */
    void finish(@Nullable Path left, Audit audit) throws IOException {
        store.close();
        audit.appendTo(unfinished);
        sync(unfinished);
        if (left != null) {
            audit.appendTo(left);
            Files.move(
                    left.resolve(IDENTITY), left.resolve(RETIRED), StandardCopyOption.ATOMIC_MOVE);
            sync(left);
        }
        Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
        Path parent = path.toAbsolutePath().normalize().getParent();
        if (parent != null) {
            sync(parent);
        }
    }

    @Override
    public void close() throws IOException {
        store.close();
    }

    private static Path unfinished(Path path) {
        return path.resolveSibling(path.getFileName() + UNFINISHED);
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
