package dev.lockstep.raft.core;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import org.jspecify.annotations.Nullable;

/**
 * A leader's way out (§3.10): it takes no new proposals, brings the target's log to its own end,
 * and asks the target to campaign. If no successor shows within an election timeout it goes on
 * leading.
 */
final class Transfer {
    private final long id;
    private final Progress target;
    private final long deadlineNanos;
    private boolean asked;

    private Transfer(long id, Progress target, long deadlineNanos) {
        this.id = id;
        this.target = target;
        this.deadlineNanos = deadlineNanos;
    }

    /** Begins one, or says why not. */
    static @Nullable Transfer begin(
            RaftCore core, Leader leader, long id, @Nullable NodeId wanted) {
        Progress best = leader.followers().freshestVoter(wanted);
        if (best == null) {
            core.outbox.add(
                    new Effect.TransferAborted(
                            id, nobody(core, wanted) + "; " + core.self + " goes on leading"));
            return null;
        }
        return new Transfer(id, best, core.now() + core.options.electionTimeout().toNanos());
    }

    private static String nobody(RaftCore core, @Nullable NodeId wanted) {
        ReplicaId member = wanted == null ? null : core.membership().on(wanted);
        if (member != null && member.isWitness()) {
            return member + " is a witness, which never leads";
        }
        String who = wanted == null ? "no other voter" : wanted + " is no other voter that";
        return who + " was heard within the election timeout";
    }

    /** Asks the target once it holds everything. */
    void advance(RaftCore core, Leader leader) {
        if (!asked && target.match() == core.log.lastIndex()) {
            asked = true;
            leader.askToCampaign(target.replica);
        }
    }

    /** Not once the connection to the target is gone. */
    boolean canSucceed(RaftCore core) {
        return core.isReachable(target.replica.node());
    }

    boolean isOver(RaftCore core) {
        return core.now() >= deadlineNanos;
    }

    void abort(RaftCore core) {
        core.outbox.add(
                new Effect.TransferAborted(
                        id,
                        target.replica
                                + " did not take over in time; "
                                + core.self
                                + " goes on leading"));
    }
}
