package dev.lockstep.raft.transport.netty;

import java.util.concurrent.atomic.LongAdder;

/** Counts on the loop, read by any thread. */
final class Tally {
    final LongAdder framesSent = new LongAdder();
    final LongAdder framesReceived = new LongAdder();
    final LongAdder bytesReceived = new LongAdder();
    final LongAdder sendsRefused = new LongAdder();
    final LongAdder connectionsRefused = new LongAdder();
    final LongAdder malformed = new LongAdder();
    final LongAdder oversize = new LongAdder();
    final LongAdder handshakeTimeouts = new LongAdder();
    final LongAdder keepaliveTimeouts = new LongAdder();
    final LongAdder unknownDropped = new LongAdder();
    final LongAdder receiverFailures = new LongAdder();

    NettyCounters read() {
        return new NettyCounters(
                framesSent.sum(),
                framesReceived.sum(),
                bytesReceived.sum(),
                sendsRefused.sum(),
                connectionsRefused.sum(),
                malformed.sum(),
                oversize.sum(),
                handshakeTimeouts.sum(),
                keepaliveTimeouts.sum(),
                unknownDropped.sum(),
                receiverFailures.sum());
    }
}
