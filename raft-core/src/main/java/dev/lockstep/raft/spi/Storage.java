package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.StorageException;
import java.io.IOException;

/** A place where a host keeps its logs: a directory, in production. */
@FunctionalInterface
public interface Storage {
    /**
     * Takes the place for this process, recovers what it holds, and counts and syncs the new boot.
     *
     * @throws StorageException with a named fault: another process has it, it is of another cluster
     *     or node, it is damaged; nothing was changed
     * @throws IOException when it can't be read or written
     */
    LogStore open(ClusterId cluster, NodeId node) throws IOException;
}
