package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.harness.check.ClusterCheck;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.workload.Load;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A node whose files are damaged while it is down. */
class DamagedNodeIT {
    @RegisterExtension private final ClusterExtension extension = new ClusterExtension();

    @Test
    void aNodeWithAShortenedSegmentStartsAndSaysSoAndIsReplaced() throws Exception {
        new HarmedNode(extension.cluster())
                .comesBackAsAStrangerAndIsReplaced(
                        node -> shorten(firstSegment(node.data())),
                        "LOG_GAP",
                        "wal-0000000000000001.log");
    }

    @Test
    void aNodeWithARottenEntryFetchesACopyAndServesAgain() throws Exception {
        ServerCluster cluster = extension.cluster();
        HarmedNode node = new HarmedNode(cluster);
        try (Load load = Load.start(cluster.nodes(), 1)) {
            node.comesBack(load, victim -> rot(firstSegment(victim.data())));
            load.awaitProgress(cluster.nodes(), HarmedNode.WRITES);
            ClusterCheck.endOf(load, cluster.nodes());
            assertThat(node.victim().log().contains("LOG_CORRUPT")).as("it was told").isTrue();
            assertThat(node.victim().status().fault()).isEmpty();
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
}
