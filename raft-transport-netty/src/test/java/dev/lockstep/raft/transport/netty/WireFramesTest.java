package dev.lockstep.raft.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.spi.Envelope;
import java.io.IOException;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class WireFramesTest {
    private static final ReplicaId N1 = new ReplicaId(NodeId.of("n1"), new UUID(3, 4));

    private final WireFrames frames = new WireFrames();

    @Test
    void everyMessageComesOutAsItWentIn() throws IOException {
        Random random = new Random(1);
        for (int i = 0; i < 100 * Samples.KINDS; i++) {
            Message message = Samples.message(random, i % Samples.KINDS);
            Envelope envelope = new Envelope(5, N1, message);
            assertThat(frames.decode(frames.encode(envelope), N1.node())).isEqualTo(envelope);
        }
    }

    @Test
    void whatIsNoEnvelopeIsRefused() {
        assertThatThrownBy(() -> frames.decode(new byte[] {1, 2, 3}, N1.node()))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> frames.decode(new byte[0], N1.node()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no envelope");
    }
}
