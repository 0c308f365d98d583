package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.demo.RespClient;
import dev.lockstep.examples.kv.store.KvStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/** A server in this process whose group is a {@link DirectGroup}. */
final class TestServer implements AutoCloseable {
    final ManualClock clock = new ManualClock();
    final KvStore store = new KvStore();
    final DirectGroup group = new DirectGroup(store, clock);
    final KvServer server;

    TestServer() throws IOException {
        server =
                KvServer.start(
                        group,
                        store,
                        clock,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    int port() {
        return server.port();
    }

    RespClient connect() throws IOException {
        return RespClient.connect(port(), Duration.ofSeconds(10));
    }

    @Override
    public void close() {
        server.close();
    }
}
