package dev.lockstep.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.examples.kv.demo.FreePorts;
import dev.lockstep.examples.kv.demo.RespClient;
import dev.lockstep.examples.kv.store.Reply;
import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.storage.FileStorage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node goes on from its snapshot: what was written before is there, and its log is gone. */
@Timeout(120)
class RestartFromSnapshotTest {
    private static final ClusterId CLUSTER = new ClusterId("demo");
    private static final NodeId NODE = NodeId.of("n1");
    private static final int KEYS = 300;
    private static final String FILLING = "x".repeat(10_000);

    @TempDir private Path directory;

    private KvNode start() throws IOException {
        RaftOptions options =
                KvNode.options(Duration.ofMillis(500))
                        .with()
                        .snapshotBytes(256 << 10)
                        .keptLogBytes(0)
                        .build();
        int port = FreePorts.find(1).get(0);
        return KvNode.start(
                new KvNode.Config(
                        CLUSTER,
                        NODE,
                        List.of(new PeerAddress(NODE, "127.0.0.1", port)),
                        List.of(NODE),
                        FileStorage.in(directory),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        options));
    }

    private static RespClient connect(KvNode node) throws IOException {
        return RespClient.connect(node.redisPort(), Duration.ofSeconds(30));
    }

    private RecoveredReplica log() throws IOException {
        try (LogStore store = FileStorage.in(directory).open(CLUSTER, NODE)) {
            return store.replica(GroupId.of("kv"));
        }
    }

    @Test
    void everyKindOfStateIsThereAndTheLogBehindIsCut() throws Exception {
        long cut;
        try (KvNode node = start();
                RespClient client = connect(node)) {
            for (int i = 0; i < KEYS; i++) {
                assertThat(client.call("SET", "k" + i, FILLING + i)).isEqualTo(Reply.ok());
            }
            assertThat(client.call("INCRBY", "count", "41")).isEqualTo(Reply.of(41));
            assertThat(client.call("SET", "late", "v", "EX", "1000")).isEqualTo(Reply.ok());
            assertThat(client.call("DEL", "k7")).isEqualTo(Reply.of(1));
            cut = node.group().snapshot().get(30, TimeUnit.SECONDS);
            assertThat(client.call("INCR", "count")).isEqualTo(Reply.of(42));
        }
        assertThat(cut).isGreaterThan(KEYS);
        assertThat(log().base().index()).as("the log begins behind it").isEqualTo(cut);
        assertThat(log().lastIndex()).isEqualTo(cut + 1);

        try (KvNode node = start();
                RespClient client = connect(node)) {
            assertThat(client.call("GET", "count")).as("from the log").isEqualTo(Reply.bulk("42"));
            for (int i = 0; i < KEYS; i++) {
                Reply expected = i == 7 ? Reply.nil() : Reply.bulk(FILLING + i);
                assertThat(client.call("GET", "k" + i)).as("k" + i).isEqualTo(expected);
            }
            assertThat(((Reply.Whole) client.call("TTL", "late")).value()).isBetween(900L, 1_000L);
            assertThat(client.call("DBSIZE")).isEqualTo(Reply.of(KEYS + 1));
        }
    }
}
