package dev.lockstep.raft.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Whole clusters under the faults of their seeds; a failing test's message says how to replay it.
 */
class RaftSimulationTest {
    private static final long SEEDS = Boolean.getBoolean("lockstep.ci") ? 300 : 30;

    @TestFactory
    Stream<DynamicTest> keepsEveryPromise() {
        return LongStream.rangeClosed(1, SEEDS)
                .mapToObj(
                        seed ->
                                DynamicTest.dynamicTest(
                                        "seed " + seed, () -> new RaftSimulation(seed).run()));
    }

    @Test
    void equalSeedsTakeTheSameSteps() {
        SimulationReport first = new RaftSimulation(5).run();
        SimulationReport second = new RaftSimulation(5).run();
        assertThat(second.trace()).isEqualTo(first.trace());
        assertThat(second.events()).isEqualTo(first.events());
        assertThat(new RaftSimulation(6).run().trace()).isNotEqualTo(first.trace());
    }

    @Test
    void withoutFaultsOneLeaderServesAllAndNothingFails() {
        SimulationReport report = new RaftSimulation(1, FaultPlan.none(3)).run();
        assertThat(report.elections()).isEqualTo(1);
        assertThat(report.unknown()).isZero();
        assertThat(report.ok()).isGreaterThan(1_000);
    }

    @Test
    void aRunOfOneNodeWorksToo() {
        assertThat(new RaftSimulation(2, FaultPlan.none(1)).run().ok()).isGreaterThan(1_000);
    }
}
