package dev.lockstep.raft.spi;

import java.time.Duration;

/**
 * What a read promises. Every level sees committed commands only, each of them or none of what
 * follows it, so the state of one moment.
 *
 * <p>Whatever the level, an answer is a promise about the moment at which the read began: on its
 * way back it ages as any answer does.
 */
public sealed interface ReadLevel {
    /**
     * Sees every write that was acknowledged anywhere before the read began (§6.4). Needs a live
     * quorum.
     */
    ReadLevel LINEARIZABLE = new Linearizable();

    /**
     * As {@link #LINEARIZABLE}, and as long as every clock keeps within {@code clockDriftPpm} of
     * true time. With {@code leaseReads} on at the leader and at a quorum, the leader answers
     * without asking anybody, since the others have promised to elect nobody for a while (§6.4.1);
     * where it is off, or the leader has no lease, a quorum is asked.
     */
    ReadLevel LEASE = new Lease();

    /** Sees what this replica has applied, which may be old. Needs nobody. */
    ReadLevel LOCAL = new Local();

    /**
     * Sees at least the log up to an index, and waits for it, at the most until the proposal
     * timeout. Needs nobody once this replica has applied it. A client that asks for the greatest
     * index of its own earlier answers ({@link dev.lockstep.raft.model.Stamped}) sees its own
     * writes and never goes back, whichever replica it asks: sequential consistency.
     *
     * @throws IllegalArgumentException when the index is negative
     */
    static ReadLevel sequential(long atLeastIndex) {
        return new Sequential(atLeastIndex);
    }

    /**
     * Sees every write that was acknowledged anywhere longer than {@code bound} before the read
     * began, by the monotonic clock of this host. The replica remembers when it last asked the
     * leader what is committed; while that is recent enough it needs nobody, else it asks anew, as
     * {@link #LINEARIZABLE} does, and one question serves all. No other clock matters, so the bound
     * is wrong by this host's clock rate alone; a host that was suspended with its monotonic clock
     * stopped measures too little.
     *
     * @throws IllegalArgumentException when the bound is negative or above 365 days
     */
    static ReadLevel boundedStaleness(Duration bound) {
        return new BoundedStaleness(bound);
    }

    /** {@link #LINEARIZABLE}. */
    record Linearizable() implements ReadLevel {}

    /** {@link #LEASE}. */
    record Lease() implements ReadLevel {}

    /** {@link #LOCAL}. */
    record Local() implements ReadLevel {}

    /** {@link #sequential}. */
    record Sequential(long atLeastIndex) implements ReadLevel {
        public Sequential {
            if (atLeastIndex < 0) {
                throw new IllegalArgumentException(
                        "atLeastIndex must not be negative: " + atLeastIndex);
            }
        }
    }

    /** {@link #boundedStaleness}. */
    record BoundedStaleness(Duration bound) implements ReadLevel {
        private static final Duration MOST = Duration.ofDays(365);

        public BoundedStaleness {
            if (bound.isNegative() || bound.compareTo(MOST) > 0) {
                throw new IllegalArgumentException(
                        "bound must be between 0 and " + MOST + ": " + bound);
            }
        }
    }
}
