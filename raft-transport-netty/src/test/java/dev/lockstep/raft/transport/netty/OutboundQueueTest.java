package dev.lockstep.raft.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.Lane;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutboundQueueTest extends LeakChecked {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final FrameEncoder encoder = new FrameEncoder(new MessageFormats());

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void smallFramesLeaveInOneBufferAndOnlyAtTheFlush() {
        OutboundQueue queue = new OutboundQueue(channel, encoder, NettyOptions.defaults());
        for (int i = 1; i <= 50; i++) {
            assertThat(offer(queue, Samples.append("n1", i, Payload.of(i)))).isTrue();
        }
        assertThat(channel.outboundMessages()).isEmpty();
        queue.flush();
        assertThat(channel.outboundMessages()).hasSize(1);
        assertThat(queue.queuedBytes()).isZero();
    }

    @Test
    void framesOfAllSizesKeepTheirOrder() throws Exception {
        long seed = 3;
        Random random = new Random(seed);
        OutboundQueue queue = new OutboundQueue(channel, encoder, bounds(1, 1L << 40, 1));
        List<Envelope> sent = new ArrayList<>();
        for (int i = 1; i <= 300; i++) {
            byte[] bytes = new byte[1 << random.nextInt(18)];
            random.nextBytes(bytes);
            Envelope envelope = Samples.append("n1", i, Payload.wrap(bytes));
            sent.add(envelope);
            offer(queue, envelope);
            if (random.nextInt(5) == 0) {
                queue.flush();
            }
        }
        queue.flush();
        assertThat(frames()).as("seed %d", seed).isEqualTo(sent);
    }

    @Test
    void aFrameBeyondTheBoundIsRefusedUnlessItIsTheOnlyOne() {
        OutboundQueue queue = new OutboundQueue(channel, encoder, bounds(1, 100, 1));
        Envelope large = Samples.append("n1", 1, Payload.wrap(new byte[1000]));
        assertThat(offer(queue, large)).isTrue();
        assertThat(offer(queue, large)).isFalse();
        queue.flush();
        assertThat(offer(queue, large)).isTrue();
        queue.flush();
        queue.discard();
    }

    @Test
    void whatIsDiscardedIsReleased() {
        OutboundQueue queue = new OutboundQueue(channel, encoder, NettyOptions.defaults());
        offer(queue, Samples.append("n1", 1, Payload.of(1)));
        queue.discard(); // the leak check would tell
        queue.flush();
        assertThat(channel.outboundMessages()).isEmpty();
    }

    @Test
    void controlOvertakesAFullLogAndIsNeverRefusedForIt() throws Exception {
        StuckSocket socket = new StuckSocket();
        OutboundQueue queue =
                new OutboundQueue(socket.channel, encoder, bounds(1 << 20, 1 << 20, 1));
        while (offer(queue, log(1000))) {
            queue.flush();
        }
        assertThat(offer(queue, HEARTBEAT)).isTrue();
        queue.flush();
        List<Envelope> left = socket.takeAll();
        int before = left.indexOf(HEARTBEAT) * 1000;
        assertThat(before)
                .as("bytes of the log before the heartbeat")
                .isBetween(1, OutboundQueue.COMMITTED_BYTES + (32 << 10));
        assertThat(left).hasSizeGreaterThan(900);
    }

    @Test
    void aSocketThatTakesNothingIsGivenLittle() throws Exception {
        StuckSocket socket = new StuckSocket();
        OutboundQueue queue = new OutboundQueue(socket.channel, encoder, NettyOptions.defaults());
        for (int i = 0; i < 10_000; i++) {
            assertThat(offer(queue, i % 2 == 0 ? HEARTBEAT : log(1000))).isTrue();
            queue.flush();
        }
        assertThat(socket.givenBytes()).isLessThan(OutboundQueue.COMMITTED_BYTES + (32 << 10));
        assertThat(socket.given()).as("so that buffers are full").isLessThanOrEqualTo(4);
        assertThat(socket.takeAll()).hasSize(10_000);
        assertThat(queue.queuedBytes()).isZero();
    }

    @Test
    void theControlLaneHasABoundToo() throws Exception {
        StuckSocket socket = new StuckSocket();
        OutboundQueue queue = new OutboundQueue(socket.channel, encoder, bounds(1000, 1000, 1000));
        while (offer(queue, HEARTBEAT)) {
            queue.flush();
        }
        assertThat(offer(queue, log(10))).as("another lane").isTrue();
        assertThat(queue.queuedBytes()).isLessThan(1100);
        assertThat(queue.hasTaken(queue.add(new byte[] {0, 0, 0, 1, 0})))
                .as("a ping is queued all the same")
                .isFalse();
        queue.discard();
        socket.takeAll();
    }

    @Test
    void theLogGoesBeforeSnapshotsButDoesNotStarveThem() throws Exception {
        StuckSocket socket = new StuckSocket();
        OutboundQueue queue = new OutboundQueue(socket.channel, encoder, NettyOptions.defaults());
        int size = 100_000;
        offer(queue, log(size));
        offer(queue, log(size));
        queue.flush(); // what the socket has isn't taken back
        for (int i = 0; i < 3; i++) {
            assertThat(offer(queue, chunk(size))).isTrue();
        }
        for (int i = 0; i < 100; i++) {
            assertThat(offer(queue, log(size))).isTrue();
        }
        List<Lane> left = socket.takeAll().stream().map(e -> Lane.of(e.message())).toList();
        int first = left.indexOf(Lane.SNAPSHOT);
        int perChunk = OutboundQueue.LOG_BYTES_PER_SNAPSHOT_CHUNK / size + 1;
        assertThat(first).isBetween(perChunk, perChunk + 3);
        assertThat(left.subList(first + 1, first + perChunk)).containsOnly(Lane.LOG);
        assertThat(left.subList(first + perChunk, first + perChunk + 3)).contains(Lane.SNAPSHOT);
        assertThat(left.get(left.size() - 1)).isEqualTo(Lane.SNAPSHOT);
    }

    @Test
    void aPingIsTakenWithItsLaneWhateverElseWaits() throws Exception {
        StuckSocket socket = new StuckSocket();
        OutboundQueue queue = new OutboundQueue(socket.channel, encoder, NettyOptions.defaults());
        for (int i = 0; i < 1000; i++) {
            offer(queue, log(1000));
        }
        queue.flush();
        long ping = queue.add(HandshakeFrames.encode(Frame.Signal.PING));
        socket.takeOne();
        assertThat(queue.hasTaken(ping)).isFalse();
        for (int i = 0; i < 4; i++) {
            socket.takeOne();
        }
        assertThat(queue.hasTaken(ping)).isTrue();
        assertThat(queue.queuedBytes()).isGreaterThan(500_000);
        queue.discard();
        socket.close();
    }

    private static final Envelope HEARTBEAT =
            new Envelope(
                    7,
                    new ReplicaId(NodeId.of("n1"), Samples.uuidOf("n1")),
                    new Heartbeat(1, 0, 0));

    private static Envelope log(int bytes) {
        return Samples.append("n1", 1, Payload.wrap(new byte[bytes]));
    }

    private static Envelope chunk(int bytes) {
        SnapshotId id = new SnapshotId(new LogPosition(1, 1), 1L << 30, 5);
        return new Envelope(
                7, HEARTBEAT.from(), new SnapshotChunk(id, 0, Payload.wrap(new byte[bytes])));
    }

    private static NettyOptions bounds(long control, long log, long snapshot) {
        return NettyOptions.defaults()
                .with()
                .maxQueuedControlBytes(control)
                .maxQueuedLogBytes(log)
                .maxQueuedSnapshotBytes(snapshot)
                .build();
    }

    /** Takes what it is given when it is told to. */
    private static final class StuckSocket extends ChannelOutboundHandlerAdapter {
        final EmbeddedChannel channel = new EmbeddedChannel(this);
        private final ArrayDeque<ByteBuf> given = new ArrayDeque<>();
        private final ArrayDeque<ChannelPromise> promises = new ArrayDeque<>();
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            given.addLast((ByteBuf) message);
            promises.addLast(promise);
        }

        int given() {
            return given.size();
        }

        int givenBytes() {
            return given.stream().mapToInt(ByteBuf::readableBytes).sum();
        }

        void takeOne() throws IOException {
            ByteBuf chunk = given.removeFirst();
            chunk.readBytes(taken, chunk.readableBytes());
            chunk.release();
            promises.removeFirst().setSuccess();
        }

        List<Envelope> takeAll() throws Exception {
            while (!given.isEmpty()) {
                takeOne();
            }
            channel.finishAndReleaseAll();
            return framesIn(taken);
        }

        void close() throws IOException {
            channel.finishAndReleaseAll();
            while (!given.isEmpty()) {
                takeOne();
            }
        }
    }

    private boolean offer(OutboundQueue queue, Envelope envelope) {
        return queue.offer(envelope, (int) encoder.measure(envelope));
    }

    private List<Envelope> frames() throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (ByteBuf buffer = channel.readOutbound();
                buffer != null;
                buffer = channel.readOutbound()) {
            buffer.readBytes(all, buffer.readableBytes());
            buffer.release();
        }
        return framesIn(all);
    }

    private static List<Envelope> framesIn(ByteArrayOutputStream all) throws Exception {
        List<Envelope> frames = new ArrayList<>();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(all.toByteArray()));
        Codec codec = new Codec();
        while (in.available() > 0) {
            frames.add(codec.decodeEnvelope(in.readNBytes(in.readInt())));
        }
        return frames;
    }
}
