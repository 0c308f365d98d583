package dev.lockstep.raft.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.harness.check.ClusterCheck;
import dev.lockstep.raft.harness.client.NodeClient;
import dev.lockstep.raft.harness.client.NodeStatus;
import dev.lockstep.raft.harness.client.Outcome;
import dev.lockstep.raft.harness.process.ServerCluster;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.workload.Load;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jspecify.annotations.Nullable;

/**
 * Each file that a node's directory holds is damaged in turn while the node is down, at random
 * places: a bit is flipped, its end is cut off, or it is gone. {@code -Dlockstep.damages=N} damages
 * N times instead of once for each kind of file and harm, {@code -Dlockstep.seed=S} elsewhere.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS) // each wait has a bound of its own
class DamagedFilesIT {
    private static final long SEED = Long.getLong("lockstep.seed", 1);
    private static final @Nullable Integer DAMAGES = Integer.getInteger("lockstep.damages");
    private static final long WRITES = 50;

    /** Small enough for several segments, spare ones and snapshots within seconds. */
    @RegisterExtension
    private final ClusterExtension extension =
            new ClusterExtension(
                    "--segment-bytes=65536", "--snapshot-bytes=131072", "--kept-log-bytes=16384");

    private final Random random = new Random(SEED);
    private final Set<String> done = new TreeSet<>();
    private final List<String> ends = new ArrayList<>();
    private ServerCluster cluster;
    private Load load;

    @Test
    void whateverFileIsDamagedTheNodeServesAgainOrSaysWhatIsLostAndIsTakenInAgain()
            throws Exception {
        cluster = extension.cluster();
        long beginNanos = System.nanoTime();
        try (Load started = Load.start(cluster.nodes(), 1)) {
            load = started;
            for (int round = 0; DAMAGES == null || round < DAMAGES; round++) {
                ServerNode victim = cluster.nodes().get(round % cluster.nodes().size());
                load.awaitProgress(cluster.nodes(), WRITES);
                awaitSnapshot(victim);
                if (!damageAndStart(victim)) {
                    break;
                }
            }
            ClusterCheck.endOf(load, cluster.nodes());
        } finally {
            System.out.printf(
                    "DamagedFilesIT: seed %d, %d damages, %.1f s:%n%s%n",
                    SEED,
                    ends.size(),
                    (System.nanoTime() - beginNanos) / 1e9,
                    String.join("\n", ends));
        }
    }

    private static void awaitSnapshot(ServerNode node) throws InterruptedException {
        Patience.until(
                () -> node + " takes no snapshot",
                () -> {
                    try (NodeClient client = node.client()) {
                        return client.command("RAFT.SNAPSHOT") instanceof Outcome.Done;
                    }
                });
    }

    /** Returns whether there was anything left to be damaged. */
    private boolean damageAndStart(ServerNode victim) throws Exception {
        victim.process().stop();
        FileDamage damage = next(victim.data());
        if (damage == null) {
            cluster.start(victim);
            return false;
        }
        String what = victim + ": " + damage.apply(random);
        try {
            load.awaitProgress(cluster.others(victim), WRITES);
            cluster.launch(victim);
            ends.add(what + ": " + awaitEnd(victim, damage));
            cluster.awaitCaughtUp(victim);
            load.awaitProgress(cluster.nodes(), WRITES);
        } catch (AssertionError e) {
            throw new AssertionError("seed " + SEED + ", " + what + ": " + e.getMessage(), e);
        }
        return true;
    }

    /** Each kind of file with each harm once; after that, and with a number of them, any. */
    private @Nullable FileDamage next(Path directory) throws Exception {
        List<FileDamage> all = FileDamage.all(directory);
        List<FileDamage> fresh =
                all.stream().filter(damage -> !done.contains(damage.kindAndHarm())).toList();
        List<FileDamage> from = fresh.isEmpty() && DAMAGES != null ? all : fresh;
        if (from.isEmpty()) {
            return null;
        }
        FileDamage chosen = from.get(random.nextInt(from.size()));
        done.add(chosen.kindAndHarm());
        return chosen;
    }

    /** Follows the way that it names, if it doesn't find its own. */
    private String awaitEnd(ServerNode victim, FileDamage damage) throws Exception {
        Patience.until(
                () -> victim + " neither answers nor ends",
                () -> !victim.process().isAlive() || victim.status() != null);
        if (!victim.process().isAlive()) {
            String said = victim.log().tail(1);
            assertThat(said)
                    .containsPattern("LOG_GAP|LOG_CORRUPT|SNAPSHOT_CORRUPT")
                    .contains(damage.file().getFileName().toString())
                    .contains("keep the directory aside, remove this node from its groups and add");
            victim.setAside();
            cluster.start(victim);
            assertThat(victim.awaitFault().fault()).startsWith("AMNESIA");
            cluster.replace(victim);
            return "refused (" + said + "); a member again with an empty directory";
        }
        NodeStatus status =
                victim.awaitStatus(
                        "well, or says what is lost",
                        now -> isWell(now) || now.fault().contains("eplace the node"));
        if (isWell(status)) {
            return "it serves";
        }
        assertThat(status.fault())
                .containsPattern("^(LOG_GAP|LOG_CORRUPT|SNAPSHOT_CORRUPT)")
                .contains(damage.file().getFileName().toString());
        cluster.replace(victim);
        return "it began anew (" + status.fault() + "); a member again";
    }

    /** It has been a member for as long as it takes to hear of damage. */
    private boolean isWell(NodeStatus status) {
        return status.fault().isEmpty() && !status.leader().isEmpty() && status.applied() > 0;
    }
}
