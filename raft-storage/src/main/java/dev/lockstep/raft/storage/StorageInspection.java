package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the tools of operators need of a directory beside what a host does with it. Nothing here
 * changes a directory in which something is; nor does it take the directory's lock by itself, which
 * is up to the caller.
 */
public final class StorageInspection {
    private StorageInspection() {}

    /**
     * Keeps hosts out of a directory until closed. Whoever takes the lock takes it here: a file of
     * a directory's lock that is opened and closed otherwise would end the hold of a host in the
     * same process.
     *
     * @param shared for reading, which several processes may do at once; makes no file
     * @return null when a host or another tool is in it
     * @throws java.nio.file.NoSuchFileException for a shared one, when no host was ever in it
     */
    public static @Nullable Closeable lock(Path directory, boolean shared) throws IOException {
        return shared ? DirectoryLock.shared(directory) : DirectoryLock.exclusive(directory);
    }

    /**
     * Who the host of a directory is.
     *
     * @return null when the directory has no identity
     * @throws dev.lockstep.raft.model.StorageException when it is damaged or of another version
     */
    public static @Nullable HostIdentity identity(Disk disk) throws IOException {
        return IdentityFile.read(disk);
    }

    /**
     * The latest start of each peer's directory that the host of a directory has seen.
     *
     * @param cluster that of the host
     * @throws dev.lockstep.raft.model.StorageException when the file is damaged or of another
     *     version
     */
    public static List<HostIdentity> peers(Disk disk, ClusterId cluster) throws IOException {
        return PeersFile.read(disk, cluster).boots();
    }

    /**
     * Reads every block of every segment, and goes on behind what is damaged.
     *
     * @param host the incarnation of the directory's host
     */
    public static void walk(Disk disk, UUID host, LogVisitor visitor) throws IOException {
        new LogWalk(disk, host, visitor).run();
    }

    /** The files that hold the log, in its order. */
    public static List<String> segments(Disk disk) throws IOException {
        return disk.list().stream().filter(Segment::isName).toList();
    }

    /** The files that hold published snapshots, of whichever groups. */
    public static List<String> snapshots(Disk disk) throws IOException {
        return disk.list().stream().filter(SnapshotName::isPublished).toList();
    }

    /** How the file of a published snapshot is called. */
    public static String snapshotName(GroupId group, LogPosition position) {
        return SnapshotName.published(group, position);
    }

    /**
     * Makes a directory, with an incarnation of its own, in which replicas live on as who they were
     * in another one. They are empty at first. The other directory must never be opened by a host
     * again.
     *
     * @param incarnations those of the replicas that live on
     * @throws IllegalArgumentException when a host was in the directory before
     */
    public static LogStore moveInto(
            FileStorage place, ClusterId cluster, NodeId node, Map<GroupId, UUID> incarnations)
            throws IOException {
        SharedLog log = (SharedLog) place.open(cluster, node);
        try {
            log.adopt(incarnations);
            return log;
        } catch (IOException | RuntimeException e) {
            log.close();
            throw e;
        }
    }
}
