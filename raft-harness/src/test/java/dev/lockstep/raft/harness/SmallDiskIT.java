package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.harness.check.ClusterCheck;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.workload.Load;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Servers whose file system really is full, and then is emptied or enlarged under them. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SmallDiskIT {
    private static final long WRITES = 50;
    private static final int MIB = 1 << 20;
    private static final int DISK_MIB = 64;
    private static final String SEGMENT_BYTES = "--segment-bytes=" + MIB;

    /** It has room for some segments, and others' files take the rest. */
    private static final int ROOM = 4 * MIB;

    @Order(1)
    @RegisterExtension
    private final SmallDisk disk = new SmallDisk(DISK_MIB);

    @Order(2)
    @RegisterExtension
    private final ClusterExtension extension =
            new ClusterExtension(
                    () ->
                            new ServerCluster.Plan(
                                    Map.of("n1", disk.directory()), List.of(SEGMENT_BYTES)));

    @Test
    void aFollowerThatFillsItsDiskLetsTheOthersGoOnAndCatchesUpWhenItIsEmptied() throws Exception {
        ServerCluster cluster = extension.cluster();
        ServerNode small = cluster.nodes().get(0);
        List<ServerNode> others = cluster.others(small);
        cluster.transferTo(others.get(0));
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            disk.fill(ROOM);
            awaitFull(small);
            load.awaitProgress(others, WRITES);
            cluster.awaitLeader(others);
            awaitGoesOn(cluster, small, disk::empty);
            ClusterCheck.endOf(load, cluster.nodes());
        }
    }

    @Test
    void aLeaderThatFillsItsDiskHandsOverAndMayLeadAgainWhenItIsEnlarged() throws Exception {
        ServerCluster cluster = extension.cluster();
        ServerNode small = cluster.nodes().get(0);
        List<ServerNode> others = cluster.others(small);
        try (Load load = Load.start(cluster.nodes(), 1)) {
            cluster.transferTo(small);
            load.awaitProgress(cluster.nodes(), WRITES);
            disk.fill(ROOM);
            awaitFull(small);
            cluster.awaitLeader(others);
            load.awaitProgress(others, WRITES);
            awaitGoesOn(cluster, small, () -> disk.enlargeTo(2 * DISK_MIB));
            cluster.transferTo(small);
            load.awaitProgress(cluster.nodes(), WRITES);
            ClusterCheck.endOf(load, cluster.nodes());
        }
    }

    private static void awaitFull(ServerNode node) throws InterruptedException {
        node.awaitStatus("full", status -> status.diskFull().startsWith("DISK_FULL"));
    }

    private interface Room {
        void make() throws Exception;
    }

    private static void awaitGoesOn(ServerCluster cluster, ServerNode node, Room room)
            throws Exception {
        assertThat(node.status().fault()).as("no fault, it waits for room").isEmpty();
        long pid = node.process().pid();
        room.make();
        node.awaitStatus("told that there is room", status -> status.diskFull().isEmpty());
        cluster.awaitCaughtUp(node);
        assertThat(node.process().isAlive() && node.process().pid() == pid)
                .as("without a restart")
                .isTrue();
    }
}
