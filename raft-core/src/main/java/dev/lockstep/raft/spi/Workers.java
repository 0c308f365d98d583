package dev.lockstep.raft.spi;

import java.util.concurrent.CompletableFuture;

/** Where a host's event loops come from: threads in production, virtual time in simulation. */
@FunctionalInterface
public interface Workers {
    /**
     * @param name what the loop is for, part of its thread's name, such as {@code log}
     * @return a new loop, which the caller closes
     */
    EventLoop loop(String name);

    /**
     * Whether a task can block its loop, so that it is worth to watch whether the loops turn. Not
     * in simulation, where a task takes no time.
     */
    default boolean canStall() {
        return true;
    }

    /**
     * Lets the caller, who is in none of the loops, wait; in simulation the loops run meanwhile.
     */
    default void await(CompletableFuture<?> done) {
        done.join();
    }
}
