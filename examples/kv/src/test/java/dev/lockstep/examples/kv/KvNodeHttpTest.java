package dev.lockstep.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.examples.kv.demo.FreePorts;
import dev.lockstep.examples.kv.demo.RespClient;
import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.storage.FileStorage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The HTTP port of whole nodes. */
@Timeout(60)
class KvNodeHttpTest {
    @TempDir private Path data;

    private KvNode start(String node, List<PeerAddress> peers) throws Exception {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return KvNode.start(
                new KvNode.Config(
                        new ClusterId("http"),
                        NodeId.of(node),
                        peers,
                        peers.stream().map(PeerAddress::node).toList(),
                        FileStorage.in(data.resolve(node)),
                        anyPort,
                        anyPort,
                        KvNode.options(Duration.ofMillis(500))));
    }

    private static HttpResponse<String> get(KvNode node, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(
                                        URI.create("http://127.0.0.1:" + node.httpPort() + path))
                                .timeout(Duration.ofSeconds(10))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aNodeIsReadyWhenItsClusterIsAndCountsWhatItDoes() throws Exception {
        List<Integer> ports = FreePorts.find(2);
        List<PeerAddress> peers =
                List.of(
                        PeerAddress.parse("n1=127.0.0.1:" + ports.get(0)),
                        PeerAddress.parse("n2=127.0.0.1:" + ports.get(1)));
        try (KvNode one = start("n1", peers)) {
            assertThat(get(one, "/live").statusCode()).isEqualTo(200);
            assertThat(get(one, "/ready").statusCode()).isEqualTo(503);
            assertThat(get(one, "/ready").body())
                    .isEqualTo("not ready\ngroup kv knows no leader\n");

            try (KvNode two = start("n2", peers)) {
                await().until(() -> get(one, "/ready").statusCode() == 200);
                await().until(() -> get(two, "/ready").statusCode() == 200);
                try (RespClient client =
                        RespClient.connect(one.redisPort(), Duration.ofSeconds(10))) {
                    for (int i = 0; i < 5; i++) {
                        client.call("SET", "k", "v" + i);
                    }
                }
                HttpResponse<String> metrics = get(one, "/metrics");
                assertThat(metrics.statusCode()).isEqualTo(200);
                assertThat(metrics.body())
                        .contains("lockstep_groups{node=\"n1\"} 1.0")
                        .contains("lockstep_ready{node=\"n1\"} 1.0")
                        .contains("lockstep_log_write_seconds_bucket{")
                        .containsPattern(
                                "lockstep_proposal_seconds_count\\{group=\"kv\",node=\"n1\"\\} 5")
                        .contains("jvm_memory_used_bytes");
            }
            await().until(() -> get(one, "/ready").statusCode() == 503);
            assertThat(get(one, "/live").statusCode()).isEqualTo(200);
        }
    }
}
