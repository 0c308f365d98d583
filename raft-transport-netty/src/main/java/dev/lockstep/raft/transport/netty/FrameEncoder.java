package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.spi.Envelope;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * Writes envelopes as frames: {@link #measure}, then {@link #write} into a buffer with so much
 * room. Everything is written once, straight to the buffer that goes to the socket. Used by one
 * thread.
 */
final class FrameEncoder {
    /** The frame's length, before it. */
    static final int HEADER_BYTES = Integer.BYTES;

    private static final int FRAME_ENVELOPE = 4;

    private final MessageFormats formats;
    private final FieldSizes sizes = new FieldSizes();
    private final FieldBytes bytes = new FieldBytes();

    private long messageSize;
    private long envelopeSize;
    private long frameSize;

    FrameEncoder(MessageFormats formats) {
        this.formats = formats;
    }

    /** The bytes of the envelope's frame, header included; may be more than any buffer holds. */
    long measure(Envelope envelope) {
        Message message = envelope.message();
        MessageFormats.Numbered<Message> numbered = formats.of(message);
        sizes.reset();
        numbered.format().write(message, sizes);
        messageSize = sizes.size();
        if (messageSize > Integer.MAX_VALUE / 2) {
            return messageSize; // too large for every limit, so it won't be written
        }

        sizes.reset();
        writeHead(envelope, sizes);
        sizes.nested(numbered.field(), (int) messageSize);
        envelopeSize = sizes.size() + messageSize;

        sizes.reset();
        sizes.nested(FRAME_ENVELOPE, (int) envelopeSize);
        frameSize = sizes.size() + envelopeSize;
        return HEADER_BYTES + frameSize;
    }

    /** Appends the frame of the envelope that was measured last. */
    void write(Envelope envelope, ByteBuf target) {
        int start = target.writerIndex();
        target.setInt(start, (int) frameSize);
        write(envelope, target.internalNioBuffer(start + HEADER_BYTES, (int) frameSize));
        target.writerIndex(start + HEADER_BYTES + (int) frameSize);
    }

    /** Writes the frame without its length; there is room for just that. */
    void write(Envelope envelope, ByteBuffer target) {
        Message message = envelope.message();
        MessageFormats.Numbered<Message> numbered = formats.of(message);
        bytes.to(target);
        bytes.nested(FRAME_ENVELOPE, (int) envelopeSize);
        writeHead(envelope, bytes);
        bytes.nested(numbered.field(), (int) messageSize);
        numbered.format().write(message, bytes);
        bytes.done();
    }

    private static void writeHead(Envelope envelope, FieldSink out) {
        UUID incarnation = envelope.from().incarnation();
        out.fixed64(1, envelope.group());
        out.fixed64(2, incarnation.getMostSignificantBits());
        out.fixed64(3, incarnation.getLeastSignificantBits());
    }
}
