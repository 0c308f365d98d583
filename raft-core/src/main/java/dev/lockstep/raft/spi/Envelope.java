package dev.lockstep.raft.spi;

import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.ReplicaId;

/**
 * A message on its way between two hosts.
 *
 * @param group the {@link GroupId#key} of the group
 * @param from the replica that speaks; its node is the one that the connection's handshake proved
 * @param message what it says
 */
public record Envelope(long group, ReplicaId from, Message message) {}
