package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.Envelope;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.Arrays;

/** Encoder and decoder of one loop, for tests that need no socket. */
final class Codec {
    static final NodeId SPEAKER = NodeId.of("n1");

    private final FrameEncoder encoder = new FrameEncoder(new MessageFormats());
    private final FrameDecoder decoder = new FrameDecoder(new MessageFormats());

    /** The frame with its length. */
    byte[] encode(Envelope envelope) {
        int size = (int) encoder.measure(envelope);
        ByteBuf buffer = Unpooled.directBuffer(size, size);
        try {
            encoder.write(envelope, buffer);
            byte[] bytes = new byte[buffer.readableBytes()];
            buffer.readBytes(bytes);
            return bytes;
        } finally {
            buffer.release();
        }
    }

    /** Reads a frame without its length. */
    Frame decode(byte[] body) throws IOException {
        return decoder.decode(body, SPEAKER);
    }

    Envelope decodeEnvelope(byte[] body) throws IOException {
        return ((Frame.Carried) decode(body)).envelope();
    }

    static byte[] body(byte[] frame) {
        return Arrays.copyOfRange(frame, FrameEncoder.HEADER_BYTES, frame.length);
    }
}
