package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.testkit.check.LinearizabilityChecker;
import dev.lockstep.raft.testkit.check.Model;
import dev.lockstep.raft.testkit.check.Operation;
import dev.lockstep.raft.testkit.check.Verdict;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Somebody's state machine, with the commands and questions that they give. */
final class UserApplication implements Application<UserApplication.Asked, Payload> {
    private static final double QUESTIONS = 0.4;
    private static final int MOST_QUESTIONS_KEPT = 500;

    private final Supplier<? extends StateMachine> machine;
    private final Function<SeededRandom, Payload> commands;
    private final @Nullable Function<SeededRandom, Payload> questions;
    private final @Nullable Model<?, Payload, Payload> model;
    private final Set<Payload> asked = new LinkedHashSet<>();

    /**
     * @param payload a command, or a question
     */
    record Asked(Payload payload, boolean read) {}

    UserApplication(
            Supplier<? extends StateMachine> machine,
            Function<SeededRandom, Payload> commands,
            @Nullable Function<SeededRandom, Payload> questions,
            @Nullable Model<?, Payload, Payload> model) {
        this.machine = machine;
        this.commands = commands;
        this.questions = questions;
        this.model = model;
    }

    @Override
    public StateMachine machine() {
        return machine.get();
    }

    @Override
    public Asked draw(SeededRandom random) {
        if (questions == null || !random.chance(QUESTIONS)) {
            return drawForFlood(random);
        }
        Payload question = questions.apply(random);
        if (asked.size() < MOST_QUESTIONS_KEPT) {
            asked.add(question);
        }
        return new Asked(question, true);
    }

    @Override
    public Asked drawForFlood(SeededRandom random) {
        return new Asked(commands.apply(random), false);
    }

    @Override
    public boolean isRead(Asked input) {
        return input.read();
    }

    @Override
    public Payload encode(long id, Asked input) {
        return input.payload();
    }

    @Override
    public Payload decode(Asked input, Payload answer) {
        return answer;
    }

    @Override
    public List<Payload> questions() {
        return new ArrayList<>(asked);
    }

    @Override
    public Verdict check(List<Operation<Asked, Payload>> history) {
        return model == null
                ? new Verdict(Verdict.Kind.LINEARIZABLE, 0, "")
                : check(model, history);
    }

    private static <S> Verdict check(
            Model<S, Payload, Payload> model, List<Operation<Asked, Payload>> history) {
        return new LinearizabilityChecker<>(
                        new Model<S, Asked, Payload>() {
                            @Override
                            public S initial() {
                                return model.initial();
                            }

                            @Override
                            public @Nullable S step(
                                    S state, Asked input, @Nullable Payload output) {
                                return model.step(state, input.payload(), output);
                            }

                            @Override
                            public Object partition(Asked input) {
                                return model.partition(input.payload());
                            }

                            @Override
                            public boolean readOnly(Asked input) {
                                return input.read();
                            }
                        })
                .check(history);
    }
}
