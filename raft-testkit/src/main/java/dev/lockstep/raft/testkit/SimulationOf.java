package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.testkit.check.Model;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs of an application's own state machine; made by {@link RaftSimulation#of}. Immutable: each
 * method but {@link #run} returns a copy.
 *
 * <p>What is asked of the machine: every replica answers the same command at the same place of the
 * log with the same bytes; one that starts afresh and applies the same log gives the same answers,
 * and then answers every question as each replica does. With that, the order of the log explains
 * every answer that any client got, and agrees with the order in which clients saw things happen:
 * so the group is linearizable, whatever the machine does.
 */
public final class SimulationOf {
    private static final int SHRINK_SECONDS = 10;

    private final Supplier<? extends StateMachine> machine;
    private final @Nullable Function<SeededRandom, Payload> commands;
    private final @Nullable Function<SeededRandom, Payload> questions;
    private final @Nullable Model<?, Payload, Payload> model;
    private final Function<SeededRandom, FaultPlan> plan;
    private final @Nullable Set<Integer> only;

    SimulationOf(Supplier<? extends StateMachine> machine) {
        this(machine, null, null, null, FaultPlan::of, null);
    }

    private SimulationOf(
            Supplier<? extends StateMachine> machine,
            @Nullable Function<SeededRandom, Payload> commands,
            @Nullable Function<SeededRandom, Payload> questions,
            @Nullable Model<?, Payload, Payload> model,
            Function<SeededRandom, FaultPlan> plan,
            @Nullable Set<Integer> only) {
        this.machine = machine;
        this.commands = commands;
        this.questions = questions;
        this.model = model;
        this.plan = plan;
        this.only = only;
    }

    /** Where clients get commands; they must come from nothing but the given random numbers. */
    public SimulationOf commands(Function<SeededRandom, Payload> source) {
        return new SimulationOf(machine, source, questions, model, plan, only);
    }

    /** Where clients get questions; without it they ask none. */
    public SimulationOf questions(Function<SeededRandom, Payload> source) {
        return new SimulationOf(machine, commands, source, model, plan, only);
    }

    /**
     * What a correct service would answer, written another way than the machine: then the clients'
     * history is checked against it too.
     */
    public SimulationOf like(Model<?, Payload, Payload> correct) {
        return new SimulationOf(machine, commands, questions, correct, plan, only);
    }

    /** The world of every run, instead of one that belongs to its seed. */
    public SimulationOf in(FaultPlan world) {
        return new SimulationOf(machine, commands, questions, model, seed -> world, only);
    }

    /** Does only those of a seed's faults, by their numbers, as a failure names them. */
    public SimulationOf only(Integer... faults) {
        return new SimulationOf(machine, commands, questions, model, plan, Set.of(faults));
    }

    /**
     * Runs one seed; equal seeds take the same steps.
     *
     * @return its figures
     * @throws SimulationFailure when a promise is broken, by the machine or by Lockstep: which,
     *     with what faults, and with how few of them
     * @throws IllegalStateException when there are no {@link #commands}
     */
    public SimulationReport run(long seed) {
        Function<SeededRandom, Payload> source = commands;
        if (source == null) {
            throw new IllegalStateException("a simulation needs commands(…)");
        }
        RaftSimulation simulation =
                new RaftSimulation(
                        seed,
                        plan.apply(new SeededRandom(seed)),
                        () -> new UserApplication(machine, source, questions, model),
                        "run(" + seed + ")");
        if (only != null) {
            return simulation.only(only).run();
        }
        try {
            return simulation.run();
        } catch (SimulationFailure failure) {
            throw failure.shrunk(Shrinker.shrunk(simulation, failure, SHRINK_SECONDS));
        }
    }
}
