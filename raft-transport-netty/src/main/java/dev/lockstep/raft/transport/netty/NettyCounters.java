package dev.lockstep.raft.transport.netty;

/**
 * What a {@link NettyTransport} has counted since its start.
 *
 * @param framesSent envelopes queued for a connected peer
 * @param framesReceived envelopes given to the receiver
 * @param bytesReceived bytes read from all connections
 * @param sendsRefused envelopes that {@link NettyTransport#send} refused: not connected, queue
 *     full, or too large
 * @param connectionsRefused handshakes that this host or the other side refused
 * @param malformed connections closed since they sent what is no frame
 * @param oversize connections closed since they announced a frame beyond the limit
 * @param handshakeTimeouts connections closed since they didn't finish their handshake in time
 * @param keepaliveTimeouts connections closed since the peer had fallen silent
 * @param unknownDropped frames dropped since they hold what only a later version knows
 * @param receiverFailures connections closed since the receiver threw
 */
public record NettyCounters(
        long framesSent,
        long framesReceived,
        long bytesReceived,
        long sendsRefused,
        long connectionsRefused,
        long malformed,
        long oversize,
        long handshakeTimeouts,
        long keepaliveTimeouts,
        long unknownDropped,
        long receiverFailures) {}
