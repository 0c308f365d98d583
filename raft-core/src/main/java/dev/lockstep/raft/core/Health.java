package dev.lockstep.raft.core;

/**
 * How well this replica's disk and state machine keep up. Heartbeats say that a thread lives, not
 * that the disk does: so every acknowledgement tells for how long the oldest write, or the state
 * machine, has been stuck.
 */
final class Health {
    private static final long NANOS_PER_MILLI = 1_000_000;

    final Stall disk = new Stall();
    final Stall machine = new Stall();
    private final RaftCore core;

    Health(RaftCore core) {
        this.core = core;
    }

    long stalledNanos() {
        return Math.max(disk.nanos(core.now()), machine.nanos(core.now()));
    }

    long machineStalledMillis() {
        return machine.nanos(core.now()) / NANOS_PER_MILLI;
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
