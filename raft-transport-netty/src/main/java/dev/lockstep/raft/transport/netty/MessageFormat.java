package dev.lockstep.raft.transport.netty;

import com.google.protobuf.CodedInputStream;
import dev.lockstep.raft.message.Message;
import java.io.IOException;

/**
 * How one kind of message stands on the wire; the words and numbers are those of {@code
 * lockstep.proto}.
 */
interface MessageFormat<M extends Message> {
    void write(M message, FieldSink out);

    /**
     * Reads up to the current limit of {@code in}, which reads {@code frame} from its start.
     *
     * @throws UnknownContent when it holds what only a later version knows
     * @throws IOException when it is no message of this kind
     * @throws IllegalArgumentException when no message can have these values
     */
    M read(CodedInputStream in, byte[] frame) throws IOException;

    /** A message of numbers, and perhaps one payload. */
    record Flat<M extends Message>(Fields fields, Writer<M> writer, Reader<M> reader)
            implements MessageFormat<M> {
        @Override
        public void write(M message, FieldSink out) {
            writer.write(message, out);
        }

        @Override
        public M read(CodedInputStream in, byte[] frame) throws IOException {
            fields.read(in, frame);
            return reader.read(fields);
        }
    }

    /** Tells a message's fields. */
    @FunctionalInterface
    interface Writer<M> {
        void write(M message, FieldSink out);
    }

    /** Makes a message of its fields. */
    @FunctionalInterface
    interface Reader<M> {
        M read(Fields fields) throws UnknownContent;
    }
}
