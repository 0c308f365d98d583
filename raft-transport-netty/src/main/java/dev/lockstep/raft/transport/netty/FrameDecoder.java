package dev.lockstep.raft.transport.netty;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.spi.Envelope;
import java.io.IOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames. A payload shares the array of its frame, which therefore nobody may change. Used by
 * one thread.
 */
final class FrameDecoder {
    private static final int GROUP_TAG = 1 << 3 | WireFormat.WIRETYPE_FIXED64;
    private static final int INCARNATION_HIGH_TAG = 2 << 3 | WireFormat.WIRETYPE_FIXED64;
    private static final int INCARNATION_LOW_TAG = 3 << 3 | WireFormat.WIRETYPE_FIXED64;

    private final MessageFormats formats;

    /** Who spoke last: a connection carries long runs of one replica's messages. */
    private ReplicaId lastSpeaker = new ReplicaId(NodeId.of("none"), new UUID(0, 0));

    FrameDecoder(MessageFormats formats) {
        this.formats = formats;
    }

    /**
     * @param bytes the frame without its length; kept by the payloads in it
     * @param speaker the node that the handshake proved; null before, when an envelope is out of
     *     place
     * @throws IOException when it is no frame, or an envelope from nobody
     * @throws IllegalArgumentException when it has values that nothing of its kind can have
     */
    Frame decode(byte[] bytes, @Nullable NodeId speaker) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        try {
            Frame frame = null;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                int field = tag >>> 3;
                if ((tag & 7) != WireFormat.WIRETYPE_LENGTH_DELIMITED || field > 6) {
                    in.skipField(tag);
                    continue;
                }
                if (frame != null) {
                    throw new IOException("one frame holds two things");
                }
                int outer = in.pushLimit(in.readRawVarint32());
                frame = content(field, in, bytes, speaker);
                in.popLimit(outer);
            }
            return frame != null ? frame : new Frame.Unknown("a frame of an unknown kind");
        } catch (UnknownContent e) {
            return new Frame.Unknown(String.valueOf(e.getMessage()));
        }
    }

    private Frame content(int field, CodedInputStream in, byte[] bytes, @Nullable NodeId speaker)
            throws IOException {
        return switch (field) {
            case 1 -> HandshakeFrames.hello(in);
            case 2 -> HandshakeFrames.helloAck(in);
            case 3 -> HandshakeFrames.refusal(in);
            case 4 -> new Frame.Carried(envelope(in, bytes, speaker));
            default -> {
                in.skipRawBytes(in.getBytesUntilLimit());
                yield field == 5 ? Frame.Signal.PING : Frame.Signal.PONG;
            }
        };
    }

    private Envelope envelope(CodedInputStream in, byte[] bytes, @Nullable NodeId speaker)
            throws IOException {
        if (speaker == null) {
            throw new IOException("an envelope before the handshake");
        }
        long group = 0;
        long high = 0;
        long low = 0;
        Message message = null;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case GROUP_TAG -> group = in.readRawLittleEndian64();
                case INCARNATION_HIGH_TAG -> high = in.readRawLittleEndian64();
                case INCARNATION_LOW_TAG -> low = in.readRawLittleEndian64();
                default -> {
                    MessageFormat<?> format = format(tag);
                    if (format == null) {
                        in.skipField(tag);
                    } else if (message != null) {
                        throw new IOException("one envelope holds two messages");
                    } else {
                        int outer = in.pushLimit(in.readRawVarint32());
                        message = format.read(in, bytes);
                        in.popLimit(outer);
                    }
                }
            }
        }
        if (message == null) {
            throw new UnknownContent("an envelope with a message of an unknown kind");
        }
        return new Envelope(group, speaker(speaker, high, low), message);
    }

    private @Nullable MessageFormat<?> format(int tag) {
        return (tag & 7) == WireFormat.WIRETYPE_LENGTH_DELIMITED ? formats.of(tag >>> 3) : null;
    }

    private ReplicaId speaker(NodeId node, long high, long low) {
        UUID last = lastSpeaker.incarnation();
        if (last.getMostSignificantBits() != high
                || last.getLeastSignificantBits() != low
                || !lastSpeaker.node().equals(node)) {
            lastSpeaker = new ReplicaId(node, new UUID(high, low));
        }
        return lastSpeaker;
    }
}
