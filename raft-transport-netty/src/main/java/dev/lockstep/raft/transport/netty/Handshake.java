package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.HostIdentity;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must be true before two hosts exchange a message. Each side checks the other, and says why
 * it refuses.
 *
 * @param self who this host is
 * @param known the node ids of the peer list, this host's included
 */
record Handshake(HostIdentity self, Set<NodeId> known) {
    /** The protocol versions that this build speaks, both included. */
    static final int MIN_VERSION = 1;

    static final int MAX_VERSION = 1;

    /** Why the dialling side is refused; null when it isn't. */
    @Nullable Fault faultOf(Frame.Hello hello, String from) {
        HostIdentity other = hello.host();
        if (hello.maxVersion() < MIN_VERSION || hello.minVersion() > MAX_VERSION) {
            return versions(other, from, hello.minVersion() + " to " + hello.maxVersion());
        }
        Fault fault = cluster(other, from);
        if (fault == null) {
            fault = doubleOfSelf(other, from);
        }
        if (fault != null) {
            return fault;
        }
        if (!hello.target().equals(self.node())) {
            return wrongPeer(
                    other.node()
                            + " at "
                            + from
                            + " dialled this host as "
                            + hello.target()
                            + ", but it is "
                            + self.node()
                            + ". Correct the address of "
                            + hello.target()
                            + " in the peer list of "
                            + other.node()
                            + ".");
        }
        if (!known.contains(other.node())) {
            return wrongPeer(
                    "node "
                            + other.node()
                            + " at "
                            + from
                            + " isn't in the peer list of "
                            + self.node()
                            + ", which is "
                            + known
                            + ". Add it there, or correct its node id.");
        }
        return null;
    }

    /** Why the side that was dialled as {@code expected} is refused; null when it isn't. */
    @Nullable Fault faultOf(Frame.HelloAck ack, long challenge, NodeId expected, String at) {
        HostIdentity other = ack.host();
        if (ack.version() < MIN_VERSION || ack.version() > MAX_VERSION) {
            return versions(other, at, "just " + ack.version());
        }
        Fault fault = cluster(other, at);
        if (fault == null) {
            fault = doubleOfSelf(other, at);
        }
        if (fault != null) {
            return fault;
        }
        if (!other.node().equals(expected)) {
            return wrongPeer(
                    "at "
                            + at
                            + " "
                            + self.node()
                            + " expected "
                            + expected
                            + " and found "
                            + other.node()
                            + ". Correct the address of "
                            + expected
                            + " in the peer list of "
                            + self.node()
                            + ".");
        }
        if (ack.challenge() != challenge) {
            return wrongPeer(
                    expected
                            + " at "
                            + at
                            + " answered another handshake than the one of "
                            + self.node()
                            + ": something between the two repeats old bytes.");
        }
        return null;
    }

    private @Nullable Fault cluster(HostIdentity other, String where) {
        return other.cluster().equals(self.cluster())
                ? null
                : wrongPeer(
                        other.node()
                                + " at "
                                + where
                                + " is of cluster '"
                                + other.cluster()
                                + "', but "
                                + self.node()
                                + " of cluster '"
                                + self.cluster()
                                + "'. Correct the cluster id of one of them, or the peer list.");
    }

    private @Nullable Fault doubleOfSelf(HostIdentity other, String where) {
        if (!other.node().equals(self.node())) {
            return null;
        }
        if (other.equals(self)) {
            return wrongPeer(
                    self.node()
                            + " reached itself at "
                            + where
                            + ": in its peer list another node has the address of "
                            + self.node()
                            + ".");
        }
        return wrongPeer(
                "two processes use node id "
                        + self.node()
                        + ": this one and one at "
                        + where
                        + ". Stop one of them, or give it a node id of its own.");
    }

    private Fault versions(HostIdentity other, String where, String theirs) {
        return new Fault(
                Fault.Code.INCOMPATIBLE_VERSION,
                other.node()
                        + " at "
                        + where
                        + " speaks protocol versions "
                        + theirs
                        + ", "
                        + self.node()
                        + " speaks "
                        + MIN_VERSION
                        + " to "
                        + MAX_VERSION
                        + ". Upgrade the older one; skip no release when upgrading.");
    }

    /** What is wrong with a peer's start, with the place where it was met. */
    static Fault refused(HostIdentity other, String where, Fault fault) {
        return new Fault(
                fault.code(),
                other.node()
                        + " at "
                        + where
                        + " is refused: "
                        + fault.message()
                        + " No message was exchanged.");
    }

    private static Fault wrongPeer(String text) {
        return new Fault(Fault.Code.WRONG_PEER, text + " No message was exchanged.");
    }
}
