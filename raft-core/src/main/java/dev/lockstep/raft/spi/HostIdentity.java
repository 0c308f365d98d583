package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who a host is, as its directory says and its handshakes tell.
 *
 * @param cluster the cluster that it belongs to
 * @param node its name there
 * @param incarnation drawn when the directory was first made
 * @param boot counts the starts of this directory from 1; durable before anything is sent
 * @param bootNonce drawn at this start, so that two copies of one directory can be told apart
 */
public record HostIdentity(
        ClusterId cluster, NodeId node, UUID incarnation, long boot, long bootNonce) {

    /** Whether both are starts of one directory, or of copies of it. */
    public boolean isOfSameDirectory(HostIdentity other) {
        return node.equals(other.node) && incarnation.equals(other.incarnation);
    }

    /**
     * Why none of this start's messages may be taken by who has seen another one of the same
     * directory: an earlier boot is {@code LOG_REVERTED}, the same boot with another nonce is a
     * second process. Null when this is that start or a later one.
     */
    public @Nullable Fault conflictWith(HostIdentity seen) {
        assert isOfSameDirectory(seen) : this + " and " + seen;
        if (boot > seen.boot || (boot == seen.boot && bootNonce == seen.bootNonce)) {
            return null;
        }
        String what = "node " + node + " comes in boot " + boot + " of directory " + incarnation;
        return boot < seen.boot
                ? new Fault(
                        Fault.Code.LOG_REVERTED,
                        what
                                + ", whose boot "
                                + seen.boot
                                + " was seen before: an older copy took that directory's place, or is used elsewhere."
                                + " Votes and entries that the node confirmed since may be missing from it, so none of"
                                + " its messages is taken. Stop it, and start the node from its newest directory, or,"
                                + " when that is lost, from an empty one, and replace it in its groups. If boot "
                                + seen.boot
                                + " runs and this was a late connection of an earlier process, nothing is lost.")
                : new Fault(
                        Fault.Code.WRONG_PEER,
                        "two processes use node id "
                                + node
                                + ": "
                                + what
                                + " with nonce "
                                + Long.toHexString(bootNonce)
                                + ", and another process came in the same boot "
                                + seen.boot
                                + " with nonce "
                                + Long.toHexString(seen.bootNonce)
                                + ". One of them runs on a copy of the other's directory, and each lacks what the other"
                                + " confirmed, so no message of the one that came later is taken. Stop the one that runs"
                                + " on the copy, and delete the copy.");
    }
}
