package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.testkit.check.Operation;
import dev.lockstep.raft.testkit.check.Verdict;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import java.util.List;

/**
 * What a run replicates: a state machine, what clients ask of it, and how their answers are judged.
 *
 * @param <I> what clients ask for
 * @param <O> what they are answered
 */
interface Application<I, O> {
    /** A state machine in its first state. */
    StateMachine machine();

    /** What a client asks for next. */
    I draw(SeededRandom random);

    /** One of many commands that are proposed at once, so that most of them end as unknown. */
    default I drawForFlood(SeededRandom random) {
        return draw(random);
    }

    boolean isRead(I input);

    /**
     * @param id another one for each call
     */
    Payload encode(long id, I input);

    O decode(I input, Payload answer);

    /** What to ask every replica in the end, since they must all say the same. */
    List<Payload> questions();

    Verdict check(List<Operation<I, O>> history);
}
