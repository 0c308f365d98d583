package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.HostIdentity;
import io.netty.channel.Channel;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which process is the holder of each peer's node id, as long as a connection to or from it lives.
 * A second process with that id is refused; the same one may come again, and so may a later boot of
 * it, since the directory's lock shows that the earlier one is dead. What was seen before those
 * connections, {@link dev.lockstep.raft.spi.PeerBoots} knows.
 */
final class Claims {
    private final Map<NodeId, Claim> byNode = new HashMap<>();

    private static final class Claim {
        final HostIdentity holder;
        @Nullable Channel accepted;
        @Nullable Channel dialled;

        Claim(HostIdentity holder) {
            this.holder = holder;
        }

        void closeAll() {
            close(accepted);
            close(dialled);
        }
    }

    /**
     * Counts a connection that the other side dialled as proof that {@code host} lives; null when
     * it may.
     */
    @Nullable Fault accept(HostIdentity host, Channel channel, String where) {
        Fault fault = conflict(host, where);
        if (fault == null) {
            Claim claim = claimOf(host);
            close(claim.accepted); // one connection per direction: the peer gave the old one up
            claim.accepted = channel;
        }
        return fault;
    }

    /** The same for a connection that this host dialled. */
    @Nullable Fault dial(HostIdentity host, Channel channel, String where) {
        Fault fault = conflict(host, where);
        if (fault == null) {
            claimOf(host).dialled = channel;
        }
        return fault;
    }

    void release(NodeId node, Channel channel) {
        Claim claim = byNode.get(node);
        if (claim == null) {
            return;
        }
        if (claim.accepted == channel) {
            claim.accepted = null;
        }
        if (claim.dialled == channel) {
            claim.dialled = null;
        }
        if (claim.accepted == null && claim.dialled == null) {
            byNode.remove(node);
        }
    }

    /** Why that process may not come now; null when it may. */
    @Nullable Fault conflict(HostIdentity host, String where) {
        Claim claim = byNode.get(host.node());
        if (claim == null || claim.holder.equals(host)) {
            return null;
        }
        Fault fault =
                host.isOfSameDirectory(claim.holder)
                        ? host.conflictWith(claim.holder)
                        : twoProcesses(host.node());
        return fault == null ? null : Handshake.refused(host, where, fault);
    }

    private Claim claimOf(HostIdentity host) {
        Claim claim = byNode.get(host.node());
        if (claim == null || !claim.holder.equals(host)) {
            Claim later = new Claim(host);
            byNode.put(host.node(), later);
            if (claim != null) {
                claim.closeAll();
            }
            return later;
        }
        return claim;
    }

    private static Fault twoProcesses(NodeId node) {
        return new Fault(
                Fault.Code.WRONG_PEER,
                "two processes use node id "
                        + node
                        + ": one is connected, and this one is of another directory. Stop one of them, or give it a"
                        + " node id of its own.");
    }

    private static void close(@Nullable Channel channel) {
        if (channel != null) {
            PeerConnection.close(channel);
        }
    }
}
