package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.spi.HostIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Hosts on loopback, each on a port that the system chose. Their names are {@code n1.test} and so
 * on, and are looked up here, so that no port must be known before somebody listens on it.
 */
final class TestNet implements AutoCloseable {
    static final NettyOptions FAST =
            NettyOptions.defaults()
                    .with()
                    .bindAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .backoff(Duration.ofMillis(1), Duration.ofMillis(20))
                    .build();

    private final Map<String, InetSocketAddress> names = new ConcurrentHashMap<>();
    private final List<TestHost> hosts = new ArrayList<>();
    private final List<PeerAddress> peers = new ArrayList<>();

    /** Runs first in each lookup. */
    volatile Consumer<PeerAddress> onLookUp = peer -> {};

    TestNet(String... nodes) {
        for (String node : nodes) {
            peers.add(new PeerAddress(NodeId.of(node), node + ".test", 1));
        }
    }

    TestHost start(String node) throws IOException {
        return start(Samples.identity(node, 1), FAST);
    }

    TestHost start(HostIdentity identity, NettyOptions options) throws IOException {
        TestHost host = startUnnamed(identity, options);
        name(identity.node().value(), host.address());
        return host;
    }

    /** Nobody finds it by its name. */
    TestHost startUnnamed(HostIdentity identity, NettyOptions options) throws IOException {
        TestHost host = new TestHost(identity.node(), new NettyTransport(options, this::lookUp));
        hosts.add(host);
        host.transport.start(identity, peers, host);
        return host;
    }

    void name(String node, InetSocketAddress address) {
        names.put(node + ".test", address);
    }

    private InetSocketAddress lookUp(PeerAddress peer, int dial) throws UnknownHostException {
        onLookUp.accept(peer);
        InetSocketAddress address = names.get(peer.host());
        if (address == null) {
            throw new UnknownHostException(peer.host());
        }
        return address;
    }

    @Override
    public void close() {
        hosts.forEach(TestHost::close);
    }
}
