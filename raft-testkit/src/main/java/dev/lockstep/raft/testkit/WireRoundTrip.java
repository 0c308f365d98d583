package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.testkit.net.MessageCodec;
import dev.lockstep.raft.testkit.sim.SimulationError;
import dev.lockstep.raft.transport.netty.WireFrames;
import java.io.IOException;

/**
 * The production wire format, there and back; what comes out must say what went in. Where hosts run
 * different versions, what one of the next version sends has fields in it that this version doesn't
 * know; such a host sees whether they are there.
 */
final class WireRoundTrip implements MessageCodec {
    private final WireFrames frames = new WireFrames();
    private final Versions versions;

    /** Which versions hosts run. */
    interface Versions {
        /** Whether a host runs the next version at the moment. */
        boolean isNext(NodeId node);

        /** Something was sent from one version to the other. */
        void crossed(boolean toNext);
    }

    WireRoundTrip(Versions versions) {
        this.versions = versions;
    }

    @Override
    public Envelope roundTrip(Envelope envelope, NodeId to) {
        NodeId from = envelope.from().node();
        boolean fromNext = versions.isNext(from);
        boolean toNext = versions.isNext(to);
        if (fromNext != toNext) {
            versions.crossed(toNext);
        }
        Envelope read;
        try {
            byte[] frame = frames.encode(envelope);
            if (fromNext) {
                frame = NextVersion.extended(frame);
            }
            if (toNext && fromNext != NextVersion.isExtended(frame)) {
                throw new SimulationError("the next version's fields of " + envelope);
            }
            read = frames.decode(frame, from);
        } catch (IOException | RuntimeException e) {
            throw new SimulationError("what was encoded can't be decoded, " + envelope, e);
        }
        if (!read.equals(envelope)) {
            throw new SimulationError(envelope + " was encoded and is decoded as " + read);
        }
        return read;
    }
}
