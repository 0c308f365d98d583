package dev.lockstep.raft.testkit;

import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.testkit.net.MessageCodec;
import dev.lockstep.raft.testkit.sim.SimulationError;
import dev.lockstep.raft.transport.netty.WireFrames;
import java.io.IOException;

/** The production wire format, there and back; what comes out must say what went in. */
final class WireRoundTrip implements MessageCodec {
    private final WireFrames frames = new WireFrames();

    @Override
    public Envelope roundTrip(Envelope envelope) {
        Envelope read;
        try {
            read = frames.decode(frames.encode(envelope), envelope.from().node());
        } catch (IOException | RuntimeException e) {
            throw new SimulationError("what was encoded can't be decoded, " + envelope, e);
        }
        if (!read.equals(envelope)) {
            throw new SimulationError(envelope + " was encoded and is decoded as " + read);
        }
        return read;
    }
}
