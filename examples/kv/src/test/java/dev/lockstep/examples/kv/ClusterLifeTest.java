package dev.lockstep.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.examples.kv.demo.FreePorts;
import dev.lockstep.examples.kv.demo.RespClient;
import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.storage.FileStorage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What whoever runs a cluster does, by Redis commands, on nodes with real disks and sockets. */
class ClusterLifeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final List<NodeId> FOUNDERS =
            List.of(NodeId.of("n1"), NodeId.of("n2"), NodeId.of("n3"));

    @TempDir private Path directory;
    private final Map<String, KvNode> nodes = new TreeMap<>();
    private final List<PeerAddress> peers = new ArrayList<>();

    @BeforeEach
    void startThree() throws IOException {
        int number = 1;
        for (int port : FreePorts.find(4)) {
            peers.add(PeerAddress.parse("n" + number++ + "=127.0.0.1:" + port));
        }
        for (NodeId founder : FOUNDERS) {
            start(founder.value());
        }
        await().atMost(PATIENCE).until(() -> call("n1", "SET", "k", "v").equals("+OK"));
    }

    private void start(String node) throws IOException {
        nodes.put(
                node,
                KvNode.start(
                        new KvNode.Config(
                                new ClusterId("life"),
                                NodeId.of(node),
                                peers,
                                FOUNDERS,
                                FileStorage.in(directory.resolve(node)),
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                KvNode.options(Duration.ofSeconds(1)))));
    }

    @AfterEach
    void stop() throws IOException {
        for (KvNode node : nodes.values()) {
            node.close();
        }
    }

    private String call(String node, String... words) throws IOException {
        try (RespClient client = RespClient.connect(nodes.get(node).redisPort(), PATIENCE)) {
            return Transcript.show(client.call(words));
        }
    }

    private String leader() throws IOException {
        for (String node : nodes.keySet()) {
            if (call(node, "RAFT.STATUS").contains("\"role\" \"leader\"")) {
                return node;
            }
        }
        return "";
    }

    /** The leader may change in between; then the next one is asked. */
    private void atTheLeader(String expected, String... words) {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            String leader = leader();
                            assertThat(leader).isNotEmpty();
                            assertThat(call(leader, words)).contains(expected);
                        });
    }

    @Test
    void aClusterGrowsShrinksAndHandsOverWhileItServes() throws IOException {
        assertThat(call("n2", "GET", "k")).isEqualTo("\"v\"");
        long snapshot = Long.parseLong(call("n2", "RAFT.SNAPSHOT").substring(1));
        assertThat(snapshot).isPositive();
        String founded = call("n3", "RAFT.MEMBERS");
        assertThat(founded)
                .isEqualTo(
                        "[\"index\" :0 \"committed\" :1 \"members\""
                                + " [[\"n1\" \"voter\"] [\"n2\" \"voter\"] [\"n3\" \"voter\"]]]");

        start("n4");
        atTheLeader("-TRYAGAIN nothing was done: ", "RAFT.MEMBERS", "ADD", "n4", "AT", "999");
        atTheLeader("\"n4\" ", "RAFT.MEMBERS", "ADD", "n4");
        await().atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThat(call("n4", "RAFT.MEMBERS"))
                                        .contains("[\"n4\" \"voter\"]"));
        assertThat(call("n4", "GET", "k")).isEqualTo("\"v\"");

        atTheLeader("\"n4\"", "RAFT.TRANSFER", "n4");
        atTheLeader(
                "[\"n2\" \"voter\"] [\"n3\" \"voter\"] [\"n4\" \"voter\"]",
                "RAFT.MEMBERS",
                "REMOVE",
                "n1");
        assertThat(call("n4", "SET", "k", "w")).isEqualTo("+OK");
        assertThat(call("n3", "GET", "k")).isEqualTo("\"w\"");
        assertThat(call("n3", "INFO", "raft")).contains("raft_node:n3");
    }

    @Test
    void whatOnlyTheLeaderCanDoIsRefusedElsewhereAndNamesTheLeader() throws IOException {
        String leader = leader();
        String follower = leader.equals("n1") ? "n2" : "n1";
        for (String[] words :
                new String[][] {
                    {"RAFT.MEMBERS", "REMOVE", follower}, {"RAFT.TRANSFER", follower}
                }) {
            assertThat(call(follower, words))
                    .startsWith("-TRYAGAIN nothing was done: ")
                    .contains(leader);
        }
    }
}
