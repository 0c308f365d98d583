package dev.lockstep.raft.runtime;

import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands the end of a client's future to the executor that its user gave. */
final class Callbacks {
    private static final Logger LOG = LoggerFactory.getLogger(Callbacks.class);

    private Callbacks() {}

    /**
     * A future must end and the state machine must go on, so what the user's executor refuses runs
     * elsewhere.
     */
    static void execute(Executor callbacks, Executor otherwise, Runnable telling) {
        try {
            callbacks.execute(telling);
        } catch (RuntimeException | Error e) {
            LOG.warn("The executor for callbacks refused one; it runs elsewhere", e);
            otherwise.execute(telling);
        }
    }
}
