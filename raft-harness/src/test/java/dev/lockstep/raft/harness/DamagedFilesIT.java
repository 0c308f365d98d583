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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Each file that a node's directory holds is damaged in turn while the node is down, at random
 * places: a bit is flipped, its end is cut off, or it is gone. First each kind of file is damaged
 * once, then each in every way, then any; {@code -Dlockstep.damages=N} says how often in all,
 * {@code -Dlockstep.seed=S} where.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS) // each wait has a bound of its own
class DamagedFilesIT {
    private static final long SEED = Long.getLong("lockstep.seed", 1);
    private static final int DAMAGES =
            Integer.getInteger("lockstep.damages", Boolean.getBoolean("lockstep.ci") ? 16 : 3);
    private static final long WRITES = 50;

    /** A state that can't be restored stops its replica until the next start. */
    private static final String OPENED_AGAIN = "Opened again, ";

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
            for (int round = 0; round < DAMAGES; round++) {
                ServerNode victim = cluster.nodes().get(round % cluster.nodes().size());
                load.awaitProgress(cluster.nodes(), WRITES);
                awaitSnapshot(victim);
                damageAndStart(victim);
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

    private void damageAndStart(ServerNode victim) throws Exception {
        victim.process().stop();
        FileDamage damage = next(victim.data());
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
    }

    private FileDamage next(Path directory) throws Exception {
        List<FileDamage> all = FileDamage.all(directory);
        List<FileDamage> from =
                Stream.of(
                                all.stream().filter(damage -> !done.contains(damage.kind())),
                                all.stream().filter(damage -> !done.contains(damage.kindAndHarm())),
                                all.stream())
                        .map(Stream::toList)
                        .filter(some -> !some.isEmpty())
                        .findFirst()
                        .orElseThrow();
        FileDamage chosen = from.get(random.nextInt(from.size()));
        done.add(chosen.kind());
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
                        now -> isWell(now) || saysTheWayBack(now.fault()));
        if (isWell(status)) {
            return "it serves";
        }
        assertThat(status.fault())
                .containsPattern("^(LOG_GAP|LOG_CORRUPT|SNAPSHOT_CORRUPT)")
                .matches(damage::isNamedIn, "names what is damaged");
        if (status.fault().contains(OPENED_AGAIN)) {
            victim.process().stop();
            cluster.start(victim);
            return "stopped (" + status.fault() + "); then " + awaitEnd(victim, damage);
        }
        cluster.replace(victim);
        return "it began anew (" + status.fault() + "); a member again";
    }

    private static boolean saysTheWayBack(String fault) {
        return fault.contains("begun anew") || fault.contains(OPENED_AGAIN);
    }

    private static boolean isWell(NodeStatus status) {
        return status.fault().isEmpty() && !status.leader().isEmpty() && status.applied() > 0;
    }
}
