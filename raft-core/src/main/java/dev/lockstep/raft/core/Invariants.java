package dev.lockstep.raft.core;

import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.ReplicaId;

/**
 * What holds after every step, one fact each, checked where assertions are on. The basic ones speak
 * of one state, the delta ones of the way from the state before.
 */
final class Invariants {
    private final RaftCore core;
    private HardState hardStateBefore;
    private long committedBefore;
    private long handedBefore;

    Invariants(RaftCore core) {
        this.core = core;
        hardStateBefore = core.hardState();
    }

    /** Always true; fails by assertions. */
    boolean hold() {
        delta();
        order();
        assert !core.repair.isNeeded()
                        || core.behaviour() instanceof Follower
                        || core.behaviour() instanceof FoundingRole
                : core.self
                        + " is "
                        + core.role()
                        + " with damage behind "
                        + core.repair.soundUpTo();
        if (core.behaviour() instanceof Leader leader) {
            leadership(leader);
        }
        return true;
    }

    private void delta() {
        HardState hardState = core.hardState();
        assert hardState.term() >= hardStateBefore.term()
                : "term went back from " + hardStateBefore + " to " + hardState;
        assert hardState.term() > hardStateBefore.term()
                        || hardStateBefore.vote() == null
                        || hardStateBefore.vote().equals(hardState.vote())
                : "vote changed within a term from " + hardStateBefore + " to " + hardState;
        long committed = core.commits.committed();
        assert committed >= committedBefore
                : "commit went back from " + committedBefore + " to " + committed;
        long handed = core.commits.handed();
        assert handed >= handedBefore : "handed went back from " + handedBefore + " to " + handed;
        hardStateBefore = hardState;
        committedBefore = committed;
        handedBefore = handed;
    }

    private void order() {
        CommitQueue commits = core.commits;
        assert commits.applied() <= commits.handed()
                : "applied " + commits.applied() + " of " + commits.handed();
        assert commits.handed() <= commits.committed()
                : "handed " + commits.handed() + " of " + commits.committed();
        assert commits.committed() <= core.log.lastIndex()
                : "committed " + commits.committed() + " of " + core.log.last();
        assert core.durableIndex() <= core.log.lastIndex()
                : "durable " + core.durableIndex() + " of " + core.log.last();
        assert core.log.last().term() <= core.term()
                : "last entry " + core.log.last() + " in term " + core.term();
    }

    private void leadership(Leader leader) {
        assert core.self.equals(core.leader())
                : core.self + " leads and takes " + core.leader() + " for the leader";
        assert core.self.equals(core.hardState().vote())
                : core.self + " leads by the vote " + core.hardState();
        assert core.log.last().term() == core.term() : "a leader's log ends at " + core.log.last();
        assert !leader.isAsleep() || core.commits.committed() == core.log.lastIndex()
                : core.self
                        + " sleeps with "
                        + core.commits.committed()
                        + " committed of "
                        + core.log.last();
        assert !leader.isAsleep() || leader.isIdle() : core.self + " sleeps with something to do";
        for (ReplicaId member : core.membership().replicas()) {
            assert member.equals(core.self) || leader.followers().of(member) != null
                    : member + " is a member and isn't followed";
        }
        for (Progress follower : leader.followers()) {
            assert follower.matchHasNotGoneBack()
                    : follower.replica + " match went back to " + follower.match();
            assert !leader.isAsleep()
                            || follower.match() == core.log.lastIndex()
                            || !core.isReachable(follower.replica.node())
                    : core.self + " sleeps and " + follower.replica + " holds " + follower.match();
            assert follower.match() < follower.next()
                    : follower.replica + " match " + follower.match() + " next " + follower.next();
            assert follower.next() <= core.log.lastIndex() + 1
                    : follower.replica + " next " + follower.next() + " after " + core.log.last();
            assert follower.inFlightMessages() <= core.options.maxInflightMessages()
                    : follower.replica
                            + " has "
                            + follower.inFlightMessages()
                            + " messages in flight";
        }
    }
}
