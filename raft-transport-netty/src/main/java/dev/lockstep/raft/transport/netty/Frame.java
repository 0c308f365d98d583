package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.HostIdentity;

/** What one frame says; the words are those of {@code lockstep.proto}. */
sealed interface Frame {
    /** The dialling side's first frame. */
    record Hello(
            int minVersion,
            int maxVersion,
            HostIdentity host,
            NodeId target,
            long challenge,
            int keepaliveMillis)
            implements Frame {}

    /** The accepting side's consent. */
    record HelloAck(int version, HostIdentity host, long challenge) implements Frame {}

    /**
     * Either side's refusal; its text comes from the other side and is cut to what a log line
     * bears.
     */
    record Refusal(Fault fault) implements Frame {}

    record Carried(Envelope envelope) implements Frame {}

    /** What only a later version knows. */
    record Unknown(String what) implements Frame {}

    /** The frames without content. */
    enum Signal implements Frame {
        PING,
        PONG
    }
}
