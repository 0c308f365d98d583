package dev.lockstep.raft.core;

/**
 * How well one learner keeps up, in rounds (§4.2.1): a round ends when the learner holds what the
 * log held at its beginning and was heard since. A learner has caught up after a few rounds in a
 * row that each took less than the election timeout; as a voter it would then hold up no commit for
 * longer than that.
 */
final class CatchUp {
    private static final int ROUNDS = 3;

    final Progress learner;
    private final long limitNanos;
    private long target;
    private long beginNanos;
    private int roundsInTime;

    CatchUp(Progress learner, RaftCore core) {
        this.learner = learner;
        this.limitNanos = core.options.electionTimeout().toNanos();
        begin(core);
    }

    /** Called once per heartbeat. */
    void advance(RaftCore core) {
        boolean inTime = core.now() - beginNanos < limitNanos;
        if (!inTime) {
            roundsInTime = 0;
        }
        if (learner.match() >= target && learner.heardNanos() >= beginNanos) {
            roundsInTime += inTime ? 1 : 0;
            begin(core);
        }
    }

    boolean isDone() {
        return roundsInTime >= ROUNDS;
    }

    private void begin(RaftCore core) {
        target = core.log.lastIndex();
        beginNanos = core.now();
    }
}
