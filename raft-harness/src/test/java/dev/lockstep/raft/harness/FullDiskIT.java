package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.harness.check.ClusterCheck;
import dev.lockstep.raft.harness.client.NodeClient;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.process.Strace;
import dev.lockstep.raft.harness.workload.Load;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * A disk that takes nothing more for a while, as far as the system calls of a real process tell:
 * pwrite64 is what log, snapshots and the small files are all written with.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@SuppressWarnings("try") // what is injected lasts as long as the block
class FullDiskIT {
    private static final long WRITES = 50;

    @RegisterExtension private final ClusterExtension extension = new ClusterExtension();

    @ParameterizedTest
    @ValueSource(strings = {"ENOSPC", "EROFS"})
    void aLeaderWhoseDiskIsFullHandsOverAndGoesOnWithoutARestart(String error) throws Exception {
        ServerCluster cluster = extension.cluster();
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            ServerNode leader = cluster.awaitLeader();
            List<ServerNode> others = cluster.others(leader);
            try (Strace full = Injection.into(leader, "pwrite64", "error=" + error)) {
                leader.awaitDiskFull();
                cluster.awaitLeader(others);
                load.awaitProgress(others, WRITES);
            }
            leader.awaitRoom();
            cluster.transferTo(leader);
            load.awaitProgress(cluster.nodes(), WRITES);
            ClusterCheck.endOf(load, cluster.nodes());
        }
    }

    @Test
    void aFollowerWhoseDiskIsFullLetsTheOthersGoOnAndCatchesUpWithoutARestart() throws Exception {
        ServerCluster cluster = extension.cluster();
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            ServerNode follower = cluster.others(cluster.awaitLeader()).get(0);
            List<ServerNode> others = cluster.others(follower);
            try (Strace full = Injection.into(follower, "pwrite64", "error=ENOSPC")) {
                follower.awaitDiskFull();
                takesNoSnapshot(follower);
                load.awaitProgress(others, WRITES);
            }
            follower.awaitRoom();
            cluster.awaitCaughtUp(follower);
            load.awaitProgress(cluster.nodes(), WRITES);
            ClusterCheck.endOf(load, cluster.nodes());
        }
    }

    private static void takesNoSnapshot(ServerNode node) throws Exception {
        try (NodeClient client = node.client()) {
            assertThatThrownBy(() -> client.command("RAFT.SNAPSHOT"))
                    .isInstanceOf(JedisDataException.class)
                    .hasMessageContaining("No space left on device");
        }
        try (Stream<Path> files = Files.list(node.data())) {
            assertThat(files.map(Path::getFileName).map(Path::toString))
                    .noneMatch(name -> name.startsWith("snap-"));
        }
    }
}
