package dev.lockstep.raft.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.sun.management.ThreadMXBean;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.message.FoundingState;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.ProposalReply;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.transport.netty.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameCodecTest {
    private static final UnknownFieldSet LATER_FIELD =
            UnknownFieldSet.newBuilder()
                    .addField(
                            99,
                            UnknownFieldSet.Field.newBuilder()
                                    .addVarint(5)
                                    .addLengthDelimited(ByteString.copyFromUtf8("later"))
                                    .build())
                    .build();

    private final Codec codec = new Codec();

    @Test
    void everyKindOfMessageHasASample() {
        assertThat(
                        IntStream.range(0, Samples.KINDS)
                                .<Class<?>>mapToObj(
                                        kind -> Samples.message(new Random(1), kind).getClass())
                                .distinct())
                .containsExactlyInAnyOrder(
                        Arrays.stream(Message.class.getPermittedSubclasses())
                                .toArray(Class<?>[]::new));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 20_260_101})
    void everyMessageComesBackAsItWasSent(long seed) throws IOException {
        Random random = new Random(seed);
        for (int i = 0; i < 5_000; i++) {
            Envelope sent = Samples.envelope(random);
            assertThat(codec.decodeEnvelope(Codec.body(codec.encode(sent))))
                    .as("seed %d, envelope %d", seed, i)
                    .isEqualTo(sent);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {4, 5})
    void theGeneratedClassesReadOurBytesAndWriteTheSame(long seed) throws IOException {
        Random random = new Random(seed);
        for (int i = 0; i < 3_000; i++) {
            Envelope sent = Samples.envelope(random);
            byte[] body = Codec.body(codec.encode(sent));
            Wire.Frame wire = Wire.Frame.parseFrom(body);
            assertThat(wire.getEnvelope().getMessageCase())
                    .as("seed %d, envelope %d", seed, i)
                    .isNotEqualTo(Wire.Envelope.MessageCase.MESSAGE_NOT_SET);
            assertThat(wire.toByteArray()).as("seed %d, envelope %d", seed, i).isEqualTo(body);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {6, 7})
    void bytesThatAreNoFrameEndInAnErrorAndNothingElse(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] body = Codec.body(codec.encode(Samples.envelope(random)));
            int damages = 1 + random.nextInt(3);
            for (int d = 0; d < damages; d++) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            if (random.nextInt(3) == 0) {
                body = Arrays.copyOf(body, random.nextInt(body.length));
            }
            try {
                codec.decode(body);
            } catch (IOException | IllegalArgumentException expected) {
                // What the connection takes for a malformed frame; anything else fails the test.
                assertThat(expected.getMessage()).isNotNull();
            }
        }
    }

    @Test
    void everyTruncationOfAnAppendIsRefused() {
        byte[] body = Codec.body(codec.encode(Samples.append("n1", 1, Payload.of("payload"))));
        for (int size = 1; size < body.length; size++) {
            byte[] cut = Arrays.copyOf(body, size);
            assertThatThrownBy(() -> codec.decode(cut)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void fieldsOfALaterVersionAreSkipped() throws IOException {
        for (int kind = 0; kind < Samples.KINDS; kind++) {
            Random random = new Random(kind);
            Envelope sent = Samples.envelope(random, Samples.message(random, kind));
            Wire.Frame.Builder wire =
                    Wire.Frame.parseFrom(Codec.body(codec.encode(sent))).toBuilder();
            Wire.Envelope.Builder envelope = wire.getEnvelopeBuilder();
            envelope.setUnknownFields(LATER_FIELD);
            if (sent.message() instanceof AppendEntries) {
                envelope.getAppendEntriesBuilder().setUnknownFields(LATER_FIELD);
                envelope.getAppendEntriesBuilder()
                        .getEntriesBuilderList()
                        .forEach(entry -> entry.setUnknownFields(LATER_FIELD));
            } else if (sent.message() instanceof ProposalReply) {
                envelope.getProposalReplyBuilder().setUnknownFields(LATER_FIELD);
            } else if (sent.message() instanceof FoundingState) {
                envelope.getFoundingStateBuilder().setUnknownFields(LATER_FIELD);
            }
            byte[] body = wire.setUnknownFields(LATER_FIELD).build().toByteArray();
            assertThat(codec.decodeEnvelope(body)).isEqualTo(sent);
        }
    }

    @Test
    void aMessageOfAnUnknownKindIsDropped() throws IOException {
        Wire.Frame wire =
                Wire.Frame.newBuilder()
                        .setEnvelope(
                                Wire.Envelope.newBuilder()
                                        .setGroup(1)
                                        .setUnknownFields(LATER_FIELD))
                        .build();
        assertThat(codec.decode(wire.toByteArray())).isInstanceOf(Frame.Unknown.class);
    }

    @Test
    void aFrameOfAnUnknownKindIsDropped() throws IOException {
        Wire.Frame wire = Wire.Frame.newBuilder().setUnknownFields(LATER_FIELD).build();
        assertThat(codec.decode(wire.toByteArray())).isInstanceOf(Frame.Unknown.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8, -1, Integer.MAX_VALUE})
    void anAppendWithOneEntryOfAnUnknownKindIsDroppedAsAWhole(int code) throws IOException {
        Entry first = new Entry(1, 1, EntryKind.COMMAND, 1, Payload.of(1));
        Entry second = new Entry(1, 2, EntryKind.COMMAND, 1, Payload.of(2));
        Envelope sent =
                Samples.envelope(
                        new Random(1),
                        new AppendEntries(1, LogPosition.ZERO, List.of(first, second), 0));
        Wire.Frame.Builder wire = Wire.Frame.parseFrom(Codec.body(codec.encode(sent))).toBuilder();
        wire.getEnvelopeBuilder().getAppendEntriesBuilder().getEntriesBuilder(1).setKindValue(code);
        assertThat(codec.decode(wire.build().toByteArray())).isInstanceOf(Frame.Unknown.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, -1, Integer.MAX_VALUE})
    void aForwardedProposalOfAnUnknownKindIsDropped(int code) throws IOException {
        Envelope sent = Samples.envelope(new Random(1), new ForwardProposal(1, 2, Payload.of(1)));
        Wire.Frame.Builder wire = Wire.Frame.parseFrom(Codec.body(codec.encode(sent))).toBuilder();
        wire.getEnvelopeBuilder().getForwardProposalBuilder().setKindValue(code);
        assertThat(codec.decode(wire.build().toByteArray())).isInstanceOf(Frame.Unknown.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 6, 7})
    void aForwardedProposalOfAKindThatLeadersMakeIsMalformed(int code) {
        Envelope sent = Samples.envelope(new Random(1), new ForwardProposal(1, 2, Payload.of(1)));
        assertThatThrownBy(
                        () -> {
                            Wire.Frame.Builder wire =
                                    Wire.Frame.parseFrom(Codec.body(codec.encode(sent)))
                                            .toBuilder();
                            wire.getEnvelopeBuilder()
                                    .getForwardProposalBuilder()
                                    .setKindValue(code);
                            codec.decode(wire.build().toByteArray());
                        })
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("only a leader makes");
    }

    @Test
    void valuesThatNoMessageCanHaveAreRefused() {
        Wire.Frame termZero =
                Wire.Frame.newBuilder()
                        .setEnvelope(
                                Wire.Envelope.newBuilder()
                                        .setVoteReply(Wire.VoteReply.newBuilder().setGranted(true)))
                        .build();
        assertThatThrownBy(() -> codec.decode(termZero.toByteArray()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("term");
    }

    @Test
    void anEnvelopeBeforeTheHandshakeIsRefused() {
        byte[] body = Codec.body(codec.encode(Samples.append("n1", 1, Payload.EMPTY)));
        assertThatThrownBy(() -> new FrameDecoder(new MessageFormats()).decode(body, null))
                .hasMessageContaining("before the handshake");
    }

    @Test
    void aPayloadIsCopiedOnceOnTheWayInAndSharesTheArrayOfItsFrame() throws Exception {
        Random random = new Random(1);
        Entry first = new Entry(1, 1, EntryKind.COMMAND, 1, Payload.of("first"));
        Entry second = new Entry(1, 2, EntryKind.COMMAND, 1, Payload.of("second"));
        byte[] body =
                Codec.body(
                        codec.encode(
                                Samples.envelope(
                                        random,
                                        new AppendEntries(
                                                1, LogPosition.ZERO, List.of(first, second), 0))));
        AppendEntries received = (AppendEntries) codec.decodeEnvelope(body).message();
        for (Entry entry : received.entries()) {
            Field array = Payload.class.getDeclaredField("bytes");
            array.setAccessible(true);
            assertThat(array.get(entry.payload())).isSameAs(body);
        }
    }

    @Test
    void noHeapBetweenAPayloadAndTheBufferThatGoesToTheSocket() {
        Envelope sent = Samples.append("n1", 1, Payload.wrap(new byte[8 << 20]));
        FrameEncoder encoder = new FrameEncoder(new MessageFormats());
        int size = (int) encoder.measure(sent);
        ByteBuf target = Unpooled.directBuffer(size, size);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        encoder.measure(sent);
        encoder.write(sent, target);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(target.readableBytes()).isEqualTo(size);
        target.release();
        assertThat(allocated).isLessThan(1 << 20);
    }
}
