/**
 * Peer connections over TCP: framing, handshake, the protobuf codec, and reconnecting with backoff.
 */
@NullMarked
package dev.lockstep.raft.transport.netty;

import org.jspecify.annotations.NullMarked;
