package dev.lockstep.raft.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class NettyOptionsTest {
    @Test
    void anOptionOutOfItsBoundsIsNamed() {
        assertRefused("maxFrameBytes", NettyOptions.defaults().with().maxFrameBytes(0));
        assertRefused("maxFrameBytes", NettyOptions.defaults().with().maxFrameBytes(1 << 31));
        assertRefused(
                "maxQueuedControlBytes", NettyOptions.defaults().with().maxQueuedControlBytes(0));
        assertRefused(
                "maxQueuedSnapshotBytes", NettyOptions.defaults().with().maxQueuedSnapshotBytes(0));
        assertRefused("maxQueuedLogBytes", NettyOptions.defaults().with().maxQueuedLogBytes(0));
        assertRefused(
                "connectTimeout", NettyOptions.defaults().with().connectTimeout(Duration.ZERO));
        assertRefused(
                "handshakeTimeout",
                NettyOptions.defaults().with().handshakeTimeout(Duration.ofDays(2)));
        assertRefused(
                "keepaliveInterval",
                NettyOptions.defaults().with().keepaliveInterval(Duration.ofNanos(5)));
        assertRefused(
                "maxBackoff",
                NettyOptions.defaults()
                        .with()
                        .backoff(Duration.ofSeconds(2), Duration.ofSeconds(1)));
    }

    @Test
    void aBuilderBeginsWithTheValuesThatItCameFrom() {
        NettyOptions some =
                NettyOptions.defaults().with().maxQueuedLogBytes(5).maxFrameBytes(1 << 20).build();
        assertThat(some.with().build()).isEqualTo(some);
        assertThat(some.connectTimeout()).isEqualTo(NettyOptions.defaults().connectTimeout());
    }

    private static void assertRefused(String option, NettyOptions.Builder builder) {
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(option);
    }
}
