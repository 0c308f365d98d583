package dev.lockstep.raft.core;

/**
 * How well this replica's disk and state machine keep up. Heartbeats say that a thread lives, not
 * that the disk does: so every acknowledgement tells for how long the oldest write, or the state
 * machine, has been stuck. A full disk counts as one that has been stuck for an election timeout at
 * least: who has it neither leads for long nor is given the leadership.
 */
final class Health {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long ROOM = Long.MIN_VALUE;

    /** Since when the disk is full; {@link #ROOM} while it isn't. */
    private long fullSinceNanos = ROOM;

    final Stall disk = new Stall();
    final Stall machine = new Stall();
    private final RaftCore core;

    Health(RaftCore core) {
        this.core = core;
    }

    /** A full disk takes no entries, which is no better than one that hangs. */
    void diskFull(boolean now) {
        fullSinceNanos = !now ? ROOM : fullSinceNanos == ROOM ? core.now() : fullSinceNanos;
    }

    long stalledNanos() {
        return Math.max(disk.nanos(core.now()), acknowledgedStallNanos());
    }

    /** Of an acknowledgement, which the disk has just brought about. */
    long acknowledgedStallMillis() {
        return acknowledgedStallNanos() / NANOS_PER_MILLI;
    }

    private long acknowledgedStallNanos() {
        long full =
                fullSinceNanos == ROOM
                        ? 0
                        : Math.max(
                                core.options.electionTimeout().toNanos(),
                                core.now() - fullSinceNanos);
        return Math.max(full, machine.nanos(core.now()));
    }

    /** Whether disk and state machine have done all that they were asked for, and have room. */
    boolean isIdle() {
        return disk.isIdle() && machine.isIdle() && fullSinceNanos == ROOM;
    }

    long stalledMillis() {
        return stalledNanos() / NANOS_PER_MILLI;
    }

    /**
     * Whether the disk has had nothing to do for so long that nobody knows whether it still works.
     */
    boolean diskIsUnknown() {
        return disk.idleNanos(core.now()) >= 2 * core.options.electionTimeout().toNanos();
    }
}
