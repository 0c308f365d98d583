package dev.lockstep.raft.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Whole clusters under the faults of their seeds; a failing test's message says how to replay it.
 */
class RaftSimulationTest {
    private static final int SEEDS = Boolean.getBoolean("lockstep.ci") ? 2_000 : 200;

    /** Disks that fail and replicas that stop are what these runs are about; nobody reads of it. */
    @BeforeAll
    static void silence() {
        if (LoggerFactory.getLogger("dev.lockstep") instanceof Logger logger) {
            logger.setLevel(Level.OFF);
        }
    }

    /** The share of every build; prints what was reached, and fails if anything never was. */
    @Test
    void keepsEveryPromiseAndReachesEverything() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        String[] arguments = {"--seeds", Integer.toString(SEEDS)};
        int exit = Simulate.run(arguments, new PrintStream(printed, true, StandardCharsets.UTF_8));
        String text = printed.toString(StandardCharsets.UTF_8);
        String shown = exit == 0 ? text.substring(text.indexOf("reached:")) : text;
        System.out.println(shown);
        assertThat(exit).as(shown).isZero();
    }

    @Test
    void equalSeedsTakeTheSameSteps() {
        for (long seed = 1; seed <= 20; seed++) {
            SimulationReport first = new RaftSimulation(seed).run();
            SimulationReport second = new RaftSimulation(seed).run();
            assertThat(second.trace()).isEqualTo(first.trace());
            assertThat(second.events()).isEqualTo(first.events());
            assertThat(new RaftSimulation(seed + 20).run().trace()).isNotEqualTo(first.trace());
        }
    }

    @Test
    void withoutFaultsOneLeaderServesAllAndNothingFails() {
        SimulationReport report = new RaftSimulation(1, FaultPlan.none(3)).run();
        // The minority that is left broken in the end may have the leader in it.
        assertThat(report.elections()).isBetween(1L, 3L);
        assertThat(report.faults()).isEmpty();
        assertThat(report.ok()).isGreaterThan(1_000);
    }

    @Test
    void aRunOfOneNodeWorksToo() {
        assertThat(new RaftSimulation(2, FaultPlan.none(1)).run().ok()).isGreaterThan(1_000);
    }

    @Test
    void theWireCodecChangesNothingButTheTime() {
        FaultPlan plan = FaultPlan.of(3, new SeededRandom(7));
        FaultPlan coded =
                new FaultPlan(
                        plan.nodes(),
                        plan.witness(),
                        plan.spares(),
                        plan.network(),
                        plan.scheduling(),
                        plan.disk(),
                        plan.meanSeconds(),
                        plan.maxDriftPpm(),
                        plan.lendsLoop(),
                        plan.namesKeptInOrder(),
                        plan.copyOnWrite(),
                        !plan.wireCodec(),
                        plan.upgrades(),
                        plan.ownState(),
                        plan.traffic(),
                        plan.options());
        assertThat(new RaftSimulation(7, coded).run().trace())
                .isEqualTo(new RaftSimulation(7, plan).run().trace());
    }
}
