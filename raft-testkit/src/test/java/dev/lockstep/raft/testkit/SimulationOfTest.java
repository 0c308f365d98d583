package dev.lockstep.raft.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.testkit.check.Model;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class SimulationOfTest {
    @BeforeAll
    static void silence() {
        if (LoggerFactory.getLogger("dev.lockstep") instanceof Logger logger) {
            logger.setLevel(Level.OFF);
        }
    }

    /** Adds numbers up. */
    private static class Sum implements StateMachine {
        private long sum;

        @Override
        public Payload apply(Command command) {
            sum += command.payload().asLong();
            return Payload.of(sum);
        }

        @Override
        public Payload query(Payload question) {
            return Payload.of(sum);
        }

        @Override
        public SnapshotSource snapshot() {
            long frozen = sum;
            return out -> out.writeLong(frozen);
        }

        @Override
        public void restore(DataInputStream in) throws IOException {
            sum = in.readLong();
        }
    }

    private static SimulationOf adding(SimulationOf simulation) {
        return simulation
                .commands(random -> Payload.of(1 + random.nextInt(9)))
                .questions(random -> Payload.EMPTY);
    }

    @Test
    void ownStateMachinesSurviveTheFaultsOfTheirSeeds() {
        SimulationOf simulation = adding(RaftSimulation.of(Sum::new));
        for (long seed = 1; seed <= 10; seed++) {
            assertThat(simulation.run(seed).ok()).isPositive();
        }
        assertThat(simulation.run(3).trace()).isEqualTo(simulation.run(3).trace());
    }

    @Test
    void aMachineWithAMemoryOutsideOfItsStateIsFound() {
        long[] shared = new long[1];
        SimulationOf simulation =
                adding(
                        RaftSimulation.of(
                                () ->
                                        new Sum() {
                                            @Override
                                            public Payload apply(Command command) {
                                                super.apply(command);
                                                return Payload.of(shared[0]++);
                                            }
                                        }));
        assertThatThrownBy(() -> simulation.in(FaultPlan.none(3)).run(1))
                .isInstanceOf(SimulationFailure.class)
                .hasMessageContaining("isn't deterministic");
    }

    @Test
    void aMachineWhoseStateIsAnotherThanItsAnswersTellIsFound() {
        SimulationOf simulation =
                adding(
                        RaftSimulation.of(
                                () ->
                                        new Sum() {
                                            private final int born = new Object().hashCode();

                                            @Override
                                            public Payload query(Payload question) {
                                                return Payload.of(born);
                                            }
                                        }));
        assertThatThrownBy(() -> simulation.in(FaultPlan.none(3)).run(1))
                .isInstanceOf(SimulationFailure.class);
    }

    @Test
    void aMachineThatAnswersAnotherThanItShouldIsFoundByAModel() {
        Model<Long, Payload, Payload> sum =
                new Model<>() {
                    @Override
                    public Long initial() {
                        return 0L;
                    }

                    @Override
                    public @Nullable Long step(
                            Long state, Payload input, @Nullable Payload output) {
                        long after = input.size() == 0 ? state : state + input.asLong();
                        return output == null || output.asLong() == after ? (Long) after : null;
                    }
                };
        FaultPlan calm = FaultPlan.none(3);
        assertThatCode(() -> adding(RaftSimulation.of(Sum::new)).like(sum).in(calm).run(1))
                .doesNotThrowAnyException();
        SimulationOf offByOne =
                adding(
                        RaftSimulation.of(
                                () ->
                                        new Sum() {
                                            @Override
                                            public Payload query(Payload question) {
                                                return Payload.of(
                                                        super.query(question).asLong() + 1);
                                            }
                                        }));
        assertThatThrownBy(() -> offByOne.like(sum).in(calm).run(1))
                .isInstanceOf(SimulationFailure.class)
                .hasMessageContaining("can't be explained");
    }

    /** Its second life answers otherwise than the first, so one kill of many is needed. */
    @Test
    void aFailureIsShrunkToTheFaultsThatItNeeds() {
        int[] starts = new int[1];
        RaftSimulation simulation =
                new RaftSimulation(
                        1,
                        FaultPlan.none(1).withFaults(Map.of(FaultKind.KILL, 3.0)),
                        () -> {
                            starts[0] = 0;
                            return new UserApplication(
                                    () -> new Forgetful(starts[0]++ > 0),
                                    random -> Payload.of(1),
                                    null,
                                    null);
                        },
                        "run(1)");
        SimulationFailure failure = catchThrowableOfType(SimulationFailure.class, simulation::run);
        assertThat(failure).hasMessageContaining("isn't deterministic");
        assertThat(Shrinker.shrunk(simulation, failure, 60))
                .contains("to 1 actions", "kill, ", "replay these with: run(1)");
        assertThat(Shrinker.kind(failure)).isEqualTo("SafetyBreach registers: n# answers th");
    }

    private static final class Forgetful extends Sum {
        private final boolean forgets;

        Forgetful(boolean forgets) {
            this.forgets = forgets;
        }

        @Override
        public Payload apply(Command command) {
            Payload answer = super.apply(command);
            return forgets ? Payload.EMPTY : answer;
        }
    }

    @Test
    void withoutCommandsThereIsNothingToDo() {
        assertThatThrownBy(() -> RaftSimulation.of(Sum::new).run(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("commands");
    }
}
