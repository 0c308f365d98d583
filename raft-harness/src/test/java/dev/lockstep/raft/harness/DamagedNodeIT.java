package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.harness.check.CounterCheck;
import dev.lockstep.raft.harness.check.ReplicaCheck;
import dev.lockstep.raft.harness.check.WriteCheck;
import dev.lockstep.raft.harness.client.NodeStatus;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.workload.Load;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A node whose files are damaged while it is down. */
class DamagedNodeIT {
    private static final long WRITES = 50;

    @RegisterExtension private final ClusterExtension extension = new ClusterExtension();

    @Test
    void aNodeWithAShortenedSegmentStartsAndSaysSoAndTheOthersGoOn() throws Exception {
        ServerCluster cluster = extension.cluster();
        ServerNode victim = cluster.others(cluster.awaitLeader()).get(0);
        List<ServerNode> others = cluster.others(victim);
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            victim.process().stop();
            shorten(firstSegment(victim.data()));
            load.awaitProgress(others, WRITES);
            cluster.start(victim);

            NodeStatus warned =
                    Patience.await(
                            Patience.DEFAULT,
                            () -> victim + " isn't warned: " + victim.status(),
                            () -> warnedStatus(victim));
            assertThat(warned.fault()).startsWith("LOG_GAP").contains("wal-0000000000000001.log");
            assertThat(victim.log().contains("LOG_GAP")).isTrue();

            load.awaitProgress(others, WRITES);
            load.stop();
            WriteCheck.through(others, load.writes());
            CounterCheck.through(others, load.counter());
            ReplicaCheck.awaitEqual(others);
            assertThat(victim.process().isAlive()).isTrue();
        }
    }

    @Test
    void aNodeWithARottenEntryFetchesACopyAndServesAgain() throws Exception {
        ServerCluster cluster = extension.cluster();
        ServerNode victim = cluster.others(cluster.awaitLeader()).get(0);
        List<ServerNode> others = cluster.others(victim);
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            victim.process().stop();
            rot(firstSegment(victim.data()));
            load.awaitProgress(others, WRITES);
            cluster.start(victim);
            load.awaitProgress(cluster.nodes(), WRITES);
            load.stop();
            WriteCheck.through(cluster.nodes(), load.writes());
            CounterCheck.through(cluster.nodes(), load.counter());
            ReplicaCheck.awaitEqual(cluster.nodes());
            assertThat(victim.log().contains("LOG_CORRUPT")).as("it was told").isTrue();
            assertThat(victim.status().fault()).isEmpty();
        }
    }

    /** Flips a byte in the middle of what was written, where there are entries only. */
    private static void rot(Path file) throws Exception {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer block = ByteBuffer.allocate(512);
            int written = 0;
            while (channel.read(block.clear(), 512L * written) == 512 && block.getLong(0) != 0) {
                written++;
            }
            long at = 512L * (written / 2) + 100;
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, at);
            channel.write(one.put(0, (byte) ~one.get(0)).clear(), at);
        }
    }

    private static Path firstSegment(Path directory) throws Exception {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.endsWith("wal-0000000000000001.log"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void shorten(Path file) throws Exception {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(4096);
        }
    }

    private static NodeStatus warnedStatus(ServerNode node) {
        NodeStatus status = node.status();
        return status == null || status.fault().isEmpty() ? null : status;
    }
}
