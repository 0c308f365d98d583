package dev.lockstep.raft.core;

import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.ReplicaId;

/**
 * Answers requests for votes, in every role. It judges by term and log alone; whether the sender
 * belongs to the group is for those to judge who count. (If receivers judged, a replaced voter
 * unknown to some could deadlock an election.)
 */
final class Voter {
    private final RaftCore core;

    Voter(RaftCore core) {
        this.core = core;
    }

    /**
     * Would this server vote so, were it asked in earnest? Nothing changes by the question (§9.6).
     */
    void onRequestPreVote(ReplicaId from, RequestPreVote request) {
        // One that was removed and never learned of it takes itself for a member and campaigns; so
        // it becomes known, and can be added again.
        core.outsiders.heard(from);
        boolean granted =
                request.term() > core.term() && isUpToDate(request.last()) && !core.refusesVotes();
        if (granted) {
            core.outbox.send(from, new PreVoteReply(request.term(), true));
        } else if (core.term() > 0) {
            core.outbox.send(from, refusal());
        }
    }

    private PreVoteReply refusal() {
        ReplicaId leader = core.hearsLeader() ? core.leader() : null;
        return new PreVoteReply(
                core.term(), false, leader == null ? null : leader.node(), leader != null);
    }

    void onRequestVote(ReplicaId from, RequestVote request) {
        if (request.term() > core.term()) {
            if (core.refusesVotes() && !request.transfer()) {
                return; // a server that hears its leader isn't disturbed by one that doesn't
                // (§4.2.3)
            }
            core.becomeFollower(request.term());
        }
        boolean granted =
                request.term() == core.term()
                        && core.hardState().mayVoteFor(from)
                        && (request.transfer() || !core.promises.hold())
                        && isUpToDate(request.last());
        if (granted) {
            if (core.hardState().vote() == null) {
                core.setHardState(core.hardState().withVote(from));
            }
            core.behaviour().onVoteGranted();
        }
        // A vote lost in a restart could be cast again in the same term and elect two leaders, so
        // it is on disk first.
        core.outbox.sendDurably(from, new VoteReply(core.term(), granted));
    }

    /**
     * Whether a log that ends there holds everything that this server knows to be committed
     * (§3.6.1). What a full disk has refused counts for nothing, as after a restart: or two with
     * such a tail could each refuse the other, and the third be dead.
     */
    private boolean isUpToDate(LogPosition last) {
        return last.compareTo(core.writableLast()) >= 0;
    }
}
