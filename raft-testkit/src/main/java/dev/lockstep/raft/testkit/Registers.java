package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.testkit.check.LinearizabilityChecker;
import dev.lockstep.raft.testkit.check.Operation;
import dev.lockstep.raft.testkit.check.RegisterModel;
import dev.lockstep.raft.testkit.check.RegisterModel.Answer;
import dev.lockstep.raft.testkit.check.RegisterModel.Call;
import dev.lockstep.raft.testkit.check.RegisterModel.CompareAndSet;
import dev.lockstep.raft.testkit.check.RegisterModel.Get;
import dev.lockstep.raft.testkit.check.RegisterModel.Set;
import dev.lockstep.raft.testkit.check.Verdict;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The simulation's own application: a few registers that all clients fight for. */
final class Registers implements Application<Call, Answer> {
    private static final int KEYS = 4;
    private static final int FLOODED_KEYS = 1_000_000;
    private static final int VALUES = 1_000_000;

    /** What was answered or written last, so that a compare-and-set has a chance. */
    private final Map<String, Long> latest = new HashMap<>();

    @Override
    public StateMachine machine() {
        return new RegisterMachine();
    }

    @Override
    public Call draw(SeededRandom random) {
        String key = "k" + random.nextInt(KEYS);
        return switch (random.nextInt(5)) {
            case 0, 1 -> new Get(key);
            case 2, 3 -> new Set(key, random.nextInt(VALUES));
            default -> new CompareAndSet(key, latest.getOrDefault(key, 0L), random.nextInt(VALUES));
        };
    }

    /** Of a key that hardly anybody else uses, or the search for an explanation had no end. */
    @Override
    public Call drawForFlood(SeededRandom random) {
        return new Set("f" + random.nextInt(FLOODED_KEYS), random.nextInt(VALUES));
    }

    @Override
    public boolean isRead(Call input) {
        return input instanceof Get;
    }

    @Override
    public Payload encode(long id, Call input) {
        return RegisterMachine.encode(id, input);
    }

    @Override
    public Answer decode(Call input, Payload answer) {
        Answer decoded = RegisterMachine.decode(answer);
        latest.put(input.key(), input instanceof Set set ? set.value() : decoded.value());
        return decoded;
    }

    @Override
    public List<Payload> questions() {
        List<Payload> questions = new ArrayList<>();
        for (int i = 0; i < KEYS; i++) {
            questions.add(RegisterMachine.encode(0, new Get("k" + i)));
        }
        return questions;
    }

    @Override
    public Verdict check(List<Operation<Call, Answer>> history) {
        return new LinearizabilityChecker<>(new RegisterModel()).check(history);
    }
}
