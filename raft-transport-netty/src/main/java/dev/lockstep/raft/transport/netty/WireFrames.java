package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.Envelope;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The wire format without a network: one frame for one envelope, as this transport sends it, for
 * simulations, tools and tests. Needs no Netty. Used by one thread.
 */
public final class WireFrames {
    private final FrameEncoder encoder;
    private final FrameDecoder decoder;

    /** Ready to encode and decode. */
    public WireFrames() {
        MessageFormats formats = new MessageFormats();
        encoder = new FrameEncoder(formats);
        decoder = new FrameDecoder(formats);
    }

    /** The envelope's frame, without the length that comes before it on a connection. */
    public byte[] encode(Envelope envelope) {
        long size = encoder.measure(envelope) - FrameEncoder.HEADER_BYTES;
        byte[] frame = new byte[Math.toIntExact(size)];
        encoder.write(envelope, ByteBuffer.wrap(frame));
        return frame;
    }

    /**
     * Reads one frame.
     *
     * @param frame what {@link #encode} returned; kept by the payloads in it, so never to be
     *     changed
     * @param speaker the node that a handshake would have proved
     * @throws IOException when it is no frame, or carries no envelope that this version knows
     */
    public Envelope decode(byte[] frame, NodeId speaker) throws IOException {
        Frame read = decoder.decode(frame, speaker);
        if (read instanceof Frame.Carried carried) {
            return carried.envelope();
        }
        throw new IOException("a frame that carries no envelope of this version: " + read);
    }
}
