package dev.lockstep.raft.harness;

import dev.lockstep.raft.harness.check.ClusterCheck;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.process.Strace;
import dev.lockstep.raft.harness.workload.Load;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A disk that doesn't read for a while, as far as the system calls of a real process tell. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@SuppressWarnings("try") // what is injected lasts as long as the block
class UnreadableDiskIT {
    private static final long WRITES = 50;
    private static final String READS = "pread64";
    private static final String FAIL = "error=EIO";

    /** Old entries aren't in memory, and behind a snapshot there are none. */
    @RegisterExtension
    private final ClusterExtension extension =
            new ClusterExtension(
                    "--cache-bytes=4096", "--segment-bytes=65536", "--kept-log-bytes=0");

    @Test
    void aLeaderThatCannotReadItsLogGivesWayAndWhoNeedsTheEntriesHasThemFromOthers()
            throws Exception {
        ServerCluster cluster = extension.cluster();
        try (Load load = Load.start(cluster.nodes(), 1)) {
            load.awaitProgress(cluster.nodes(), WRITES);
            ServerNode leader = cluster.awaitLeader();
            ServerNode slow = cluster.others(leader).get(0);
            slow.process().kill();
            load.awaitProgress(cluster.others(slow), 10 * WRITES);
            try (Strace failing = Injection.into(leader, READS, FAIL, segments(leader))) {
                cluster.start(slow);
                cluster.awaitCaughtUp(slow);
                Patience.until(
                        () -> leader + " doesn't say that it can't read",
                        () -> leader.log().contains("LOG_CORRUPT"));
                cluster.awaitLeader(cluster.others(leader));
                load.awaitProgress(cluster.others(leader), WRITES);
            }
            leader.awaitStatus("well again", status -> status.fault().isEmpty());
            load.awaitProgress(cluster.nodes(), WRITES);
            ClusterCheck.endOf(load, cluster.nodes());
        }
    }

    private static List<Path> segments(ServerNode node) throws IOException {
        return FileKind.files(node.data()).stream()
                .filter(file -> FileKind.of(file) == FileKind.SEGMENT)
                .toList();
    }
}
