package dev.lockstep.raft.testkit.explore;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.ReplicaId;
import java.util.Arrays;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one server has told others, which no crash takes back: each message that leaves is judged by
 * this and by what the server's disk holds at that moment.
 */
final class Promises {
    private final TreeMap<Long, ReplicaId> votes = new TreeMap<>();
    private long termTold;

    Promises() {}

    Promises(Promises other) {
        votes.putAll(other.votes);
        termTold = other.termTold;
    }

    void leaves(ReplicaId self, ReplicaId to, Message message, Disk disk) {
        if (message instanceof RequestPreVote || message instanceof PreVoteReply) {
            return; // these speak of a term that nobody is in
        }
        HardState durable = disk.hardState();
        if (durable.term() < message.term()) {
            throw new Violation(self + " sends " + message + " while its disk holds " + durable);
        }
        termTold = Math.max(termTold, message.term());
        if (message instanceof VoteReply reply && reply.granted()) {
            voted(self, reply.term(), to, durable);
        } else if (message instanceof RequestVote request) {
            voted(self, request.term(), self, durable);
        } else if (message instanceof AppendAccepted accepted
                && accepted.match() > disk.entries().size()) {
            throw new Violation(
                    self
                            + " sends "
                            + message
                            + " while its disk holds "
                            + disk.entries().size()
                            + " entries");
        }
    }

    private void voted(ReplicaId self, long term, ReplicaId candidate, HardState durable) {
        if (durable.term() == term && !candidate.equals(durable.vote())) {
            throw new Violation(
                    self
                            + " votes for "
                            + candidate
                            + " in term "
                            + term
                            + " while its disk holds "
                            + durable);
        }
        @Nullable ReplicaId first = votes.putIfAbsent(term, candidate);
        if (first != null && !first.equals(candidate)) {
            throw new Violation(
                    self + " votes for " + first + " and for " + candidate + " in term " + term);
        }
    }

    /**
     * By term the server that got the vote; -1 for none. A vote that is durable counts too: who is
     * the only voter tells nobody of its own.
     */
    int[] votes(Cast cast, HardState durable) {
        TreeMap<Long, ReplicaId> all = new TreeMap<>(votes);
        if (durable.vote() != null) {
            all.putIfAbsent(durable.term(), durable.vote());
        }
        int[] byTerm = new int[all.isEmpty() ? 0 : all.lastKey().intValue() + 1];
        Arrays.fill(byTerm, -1);
        all.forEach((term, candidate) -> byTerm[term.intValue()] = cast.numberOf(candidate));
        return byTerm;
    }

    void restarted(ReplicaId self, long term) {
        if (term < termTold) {
            throw new Violation(
                    self + " is in term " + term + " after a restart, and told of " + termTold);
        }
    }
}
