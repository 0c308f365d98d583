package dev.lockstep.examples.counter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.node.RaftHost;
import dev.lockstep.raft.spi.ReadLevel;
import dev.lockstep.raft.storage.FileStorage;
import dev.lockstep.raft.transport.netty.NettyTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class CounterTest {
    private final List<RaftHost> hosts = new ArrayList<>();
    private final List<RaftGroup> counters = new ArrayList<>();
    @TempDir private Path data;

    @AfterEach
    void close() throws IOException {
        for (RaftHost host : hosts) {
            host.close();
        }
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void threeCountTogether() throws IOException {
        start(freePeers());
        for (int round = 0; round < 10; round++) {
            for (RaftGroup counter : counters) {
                counter.propose(Payload.of(1)).join();
            }
        }
        for (RaftGroup counter : counters) {
            Payload seen = counter.read(Payload.EMPTY, ReadLevel.LINEARIZABLE).join();
            assertThat(seen.asLong()).isEqualTo(30);
        }
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void theCountOutlivesItsProcesses() throws IOException {
        String[] peers = freePeers();
        start(peers);
        counters.get(0).propose(Payload.of(5)).join();
        close();
        start(peers);
        assertThat(counters.get(1).propose(Payload.of(2)).join().asLong()).isEqualTo(7);
    }

    private void start(String... peers) throws IOException {
        hosts.clear();
        counters.clear();
        for (int i = 1; i <= peers.length; i++) {
            RaftHost host =
                    RaftHost.builder()
                            .cluster("test")
                            .node("n" + i)
                            .peers(peers)
                            .storage(FileStorage.in(data.resolve("n" + i)))
                            .transport(NettyTransport.plaintext())
                            .start();
            hosts.add(host);
            counters.add(host.open("counter", new Counter()));
        }
    }

    private static String[] freePeers() throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        String[] peers = new String[3];
        for (int i = 0; i < peers.length; i++) {
            ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            held.add(socket);
            peers[i] = "n" + (i + 1) + "=127.0.0.1:" + socket.getLocalPort();
        }
        for (ServerSocket socket : held) {
            socket.close();
        }
        return peers;
    }
}
