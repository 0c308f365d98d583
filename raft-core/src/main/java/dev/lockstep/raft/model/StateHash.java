package dev.lockstep.raft.model;

/**
 * What a replica has made of the log up to an index, in three numbers. Replicas that kept to the
 * protocol have the same.
 *
 * @param index of the last entry that is in it
 * @param log over index, term and content of every entry up to there
 * @param sessions over the client sessions and their answers
 * @param offered whether the state machine has a hash of its own
 * @param machine the state machine's own hash; 0 when it offers none
 */
public record StateHash(long index, long log, long sessions, boolean offered, long machine) {
    /** What can differ, the deepest first: what lies above it can't be the same then. */
    public enum Part {
        LOG,
        SESSIONS,
        MACHINE;

        /** Whether that replica has such a hash. */
        public boolean isIn(StateHash hash) {
            return this != MACHINE || hash.offered();
        }

        public long of(StateHash hash) {
            return switch (this) {
                case LOG -> hash.log();
                case SESSIONS -> hash.sessions();
                case MACHINE -> hash.machine();
            };
        }
    }

    public StateHash {
        if (index < 1) {
            throw new IllegalArgumentException("no entry has index " + index);
        }
        if (!offered && machine != 0) {
            throw new IllegalArgumentException("a hash that isn't offered is 0: " + machine);
        }
    }

    @Override
    public String toString() {
        return String.format(
                "%d: log %016x, sessions %016x, machine %s",
                index, log, sessions, offered ? String.format("%016x", machine) : "none");
    }
}
