package dev.lockstep.raft.testkit.net;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.Envelope;

/**
 * What a message goes through between two hosts: nothing, or the production codec there and back.
 */
@FunctionalInterface
public interface MessageCodec {
    /** Hands over the very object that was sent; records can't be changed by either side. */
    MessageCodec BY_REFERENCE = (envelope, to) -> envelope;

    /** Encodes as the sender does and decodes as that host does; the result must say the same. */
    Envelope roundTrip(Envelope envelope, NodeId to);
}
