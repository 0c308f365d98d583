package dev.lockstep.raft.testkit;

import dev.lockstep.raft.testkit.sim.VirtualTime;

/** Ends what the nemesis began, each thing at its time, until all of it is mended at once. */
final class UntilMended {
    private final VirtualTime time;
    private boolean mended;

    UntilMended(VirtualTime time) {
        this.time = time;
    }

    /** Nothing more of what was to be done later is done. */
    void mended() {
        mended = true;
    }

    boolean isOver() {
        return mended;
    }

    /** What is done later, unless everything was mended meanwhile. */
    void later(long nanos, String what, Runnable action) {
        time.after(
                nanos,
                what,
                () -> {
                    if (!mended) {
                        action.run();
                    }
                });
    }
}
