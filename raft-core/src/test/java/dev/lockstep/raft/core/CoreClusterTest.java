package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Whole clusters of pure cores in random, hostile worlds. A failure names its seed; {@code
 * -Dlockstep.seed=…} runs that one alone.
 */
class CoreClusterTest {
    private static final boolean CI = Boolean.getBoolean("lockstep.ci");
    private static final int STEPS = 2_500;

    private long changesDone;
    private long changesRefused;
    private long configurations;
    private long jointConfigurations;
    private long wipes;
    private long onWitness;
    private long elections;
    private long truncations;
    private long crashes;
    private long loads;
    private long admitted;
    private long transfers;
    private long transfersAborted;
    private long refused;
    private long committed;
    private long reads;
    private long readsRefused;
    private long snapshotsTaken;
    private long snapshotsInstalled;

    @Test
    void threeServersKeepTheirPromises() {
        runSeeds(3, CI ? 10_000 : 800);
    }

    @Test
    void fiveServersKeepTheirPromises() {
        runSeeds(5, CI ? 5_000 : 300);
    }

    @Test
    void membersComeAndGoAndEveryPromiseIsKept() {
        for (long seed = first(); seed <= last(CI ? 10_000 : 1_000); seed++) {
            run(seed, 3, 2);
        }
        for (long seed = first(); seed <= last(CI ? 3_000 : 200); seed++) {
            run(seed, 1, 4);
        }
        System.out.println(
                "members come and go: "
                        + this
                        + ", "
                        + changesDone
                        + " changes, "
                        + changesRefused
                        + " refused, "
                        + configurations
                        + " configurations, "
                        + jointConfigurations
                        + " joint, "
                        + wipes
                        + " wiped");
        if (first() != 1) {
            return;
        }
        assertThat(changesDone).as("changes").isGreaterThan(1_000);
        assertThat(changesRefused).as("refused changes").isGreaterThan(100);
        assertThat(jointConfigurations).as("joint configurations").isGreaterThan(100);
        assertThat(wipes).as("wiped directories").isGreaterThan(50);
    }

    @Test
    void withAWitnessEveryPromiseIsKept() {
        for (long seed = first(); seed <= last(CI ? 5_000 : 500); seed++) {
            run(seed, new CoreCluster(seed, 3, 0, List.of(1 + (int) seed % 3)));
        }
        for (long seed = first(); seed <= last(CI ? 2_000 : 200); seed++) {
            run(seed, new CoreCluster(seed, 5, 0, seed % 2 == 0 ? List.of(5) : List.of(2, 4)));
        }
        for (long seed = first(); seed <= last(CI ? 5_000 : 500); seed++) {
            run(seed, new CoreCluster(seed, 3, 3, List.of(3, 5)));
        }
        System.out.println(
                "with witnesses: "
                        + this
                        + ", "
                        + onWitness
                        + " times told before a majority of full replicas had it, "
                        + changesDone
                        + " changes, "
                        + changesRefused
                        + " refused, "
                        + wipes
                        + " wiped");
        if (first() != 1) {
            return;
        }
        assertThat(onWitness).as("on the witness").isGreaterThan(1_000);
        assertThat(changesDone).as("changes").isGreaterThan(500);
        assertThat(wipes).as("wiped witnesses").isGreaterThan(20);
        assertThat(snapshotsTaken).as("snapshots taken").isGreaterThan(1_000);
    }

    private static long first() {
        return Long.getLong("lockstep.seed", 1);
    }

    private static long last(long otherwise) {
        return Long.getLong("lockstep.seed", otherwise);
    }

    private void runSeeds(int size, int seeds) {
        Long only = Long.getLong("lockstep.seed");
        if (only != null) {
            run(only, size);
            return;
        }
        for (long seed = 1; seed <= seeds; seed++) {
            run(seed, size);
        }
        String counters = this.toString();
        System.out.println(size + " servers, " + seeds + " seeds: " + counters);
        assertThat(elections).as("elections").isGreaterThan(seeds);
        assertThat(truncations).as("truncations").isPositive();
        assertThat(crashes).as("crashes").isPositive();
        assertThat(loads).as("loads").isPositive();
        assertThat(admitted).as("admitted").isPositive();
        assertThat(transfers).as("transfers").isPositive();
        assertThat(transfersAborted).as("aborted transfers").isPositive();
        assertThat(refused).as("refused").isPositive();
        assertThat(committed).as("committed").isGreaterThan(10L * seeds);
        assertThat(reads).as("reads").isGreaterThan(seeds);
        assertThat(readsRefused).as("refused reads").isPositive();
        assertThat(snapshotsTaken).as("snapshots taken").isGreaterThan(seeds);
        assertThat(snapshotsInstalled).as("snapshots installed").isPositive();
    }

    private void run(long seed, int size) {
        run(seed, size, 0);
    }

    private void run(long seed, int size, int spare) {
        run(seed, new CoreCluster(seed, size, spare));
    }

    private void run(long seed, CoreCluster cluster) {
        int step = 0;
        try {
            for (; step < STEPS; step++) {
                cluster.step();
                if (step % 32 == 0) {
                    cluster.checkLogs();
                }
            }
            cluster.recover();
            cluster.checkLogs();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "seed "
                            + seed
                            + " with "
                            + cluster.servers.stream().map(server -> server.id).toList()
                            + " fails at step "
                            + step
                            + ": "
                            + e,
                    e);
        }
        changesDone += cluster.changesDone;
        changesRefused += cluster.changesRefused;
        configurations += cluster.configurations;
        jointConfigurations += cluster.jointConfigurations;
        wipes += cluster.wipes;
        onWitness += cluster.onWitness;
        elections += cluster.elections;
        truncations += cluster.truncations;
        crashes += cluster.crashes;
        loads += cluster.loads;
        admitted += cluster.admitted;
        transfers += cluster.transfers;
        transfersAborted += cluster.transfersAborted;
        refused += cluster.refused;
        committed += cluster.checks.committedCount();
        reads += cluster.checks.readsAnswered;
        readsRefused += cluster.checks.readsRefused;
        snapshotsTaken += cluster.snapshotsTaken;
        snapshotsInstalled += cluster.snapshotsInstalled;
    }

    @Override
    public String toString() {
        return elections
                + " elections, "
                + truncations
                + " truncations, "
                + crashes
                + " crashes, "
                + loads
                + " loads, "
                + admitted
                + " admitted, "
                + transfers
                + " transfers, "
                + refused
                + " refused, "
                + committed
                + " committed, "
                + reads
                + " reads, "
                + snapshotsTaken
                + " snapshots taken, "
                + snapshotsInstalled
                + " installed, "
                + readsRefused
                + " refused reads";
    }
}
