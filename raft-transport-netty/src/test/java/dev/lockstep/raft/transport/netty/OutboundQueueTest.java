package dev.lockstep.raft.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Envelope;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
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
        OutboundQueue queue = new OutboundQueue(channel, encoder, 1 << 20);
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
        OutboundQueue queue = new OutboundQueue(channel, encoder, Long.MAX_VALUE);
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
        OutboundQueue queue = new OutboundQueue(channel, encoder, 100);
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
        OutboundQueue queue = new OutboundQueue(channel, encoder, 1 << 20);
        offer(queue, Samples.append("n1", 1, Payload.of(1)));
        queue.discard(); // the leak check would tell
        queue.flush();
        assertThat(channel.outboundMessages()).isEmpty();
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
        List<Envelope> frames = new ArrayList<>();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(all.toByteArray()));
        Codec codec = new Codec();
        while (in.available() > 0) {
            frames.add(codec.decodeEnvelope(in.readNBytes(in.readInt())));
        }
        return frames;
    }
}
