package dev.lockstep.raft.transport.netty;

import java.time.Duration;

/**
 * Finds out that a peer is gone although the connection looks alive. Pings are asked for one at a
 * time; the answer's time runs from when the socket took the ping, so that a long queue isn't taken
 * for a dead peer, and a socket that takes nothing for so long is one too.
 */
final class Keepalive {
    private static final byte[] PING = HandshakeFrames.encode(Frame.Signal.PING);

    private final OutboundQueue queue;
    private final long timeoutNanos;
    private boolean waiting;
    private boolean late; // as of the last tick
    private long ping; // which one
    private boolean pingTaken;
    private long progressNanos; // when the socket, then the peer, was last seen to move
    private long progressTotal;

    Keepalive(OutboundQueue queue, Duration timeout) {
        this.queue = queue;
        this.timeoutNanos = timeout.toNanos();
    }

    /**
     * Called every keepalive interval.
     *
     * @return whether the peer must be taken for gone
     */
    boolean tick(long nowNanos) {
        if (!waiting) {
            ping = queue.add(PING);
            queue.flush();
            waiting = true;
            late = false;
            pingTaken = queue.hasTaken(ping);
            progressNanos = nowNanos;
            progressTotal = queue.writtenTotal();
            return false;
        }
        if (!pingTaken && queue.writtenTotal() != progressTotal) {
            pingTaken = queue.hasTaken(ping);
            progressTotal = queue.writtenTotal();
            progressNanos = nowNanos;
        }
        // Twice in a row: after a pause of this process the answer may lie unread in the socket.
        boolean gone = late;
        late = nowNanos - progressNanos >= timeoutNanos;
        return gone && late;
    }

    void pong() {
        waiting = false;
    }
}
