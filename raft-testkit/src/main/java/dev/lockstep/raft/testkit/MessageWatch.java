package dev.lockstep.raft.testkit;

import dev.lockstep.raft.message.AppendRejected;
import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.message.HostAnswer;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.ProposalReply;
import dev.lockstep.raft.message.ReadIndexReply;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.SleepReply;
import dev.lockstep.raft.message.TimeoutNow;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.testkit.sim.Sometimes;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Notes what messages tell of what should happen sometimes. */
final class MessageWatch implements Consumer<Envelope> {
    private final Sometimes sometimes;

    MessageWatch(Sometimes sometimes) {
        this.sometimes = sometimes;
    }

    @Override
    public void accept(Envelope envelope) {
        String condition = conditionOf(envelope.message());
        if (condition != null) {
            sometimes.hit(condition);
        }
    }

    private static @Nullable String conditionOf(Message message) {
        if (message instanceof VoteReply reply) {
            return reply.granted() ? null : "vote refused";
        }
        if (message instanceof PreVoteReply reply) {
            return reply.granted() ? null : "pre-vote refused";
        }
        if (message instanceof ReadIndexReply reply) {
            return reply.granted() ? null : "read refused, to be asked again";
        }
        if (message instanceof ProposalReply reply) {
            return reply.outcome() == ProposalReply.Outcome.DONE
                    ? null
                    : "forwarded proposal ends as " + reply.outcome();
        }
        if (message instanceof RequestVote request) {
            return request.transfer() ? "campaign for a transfer" : null;
        }
        if (message instanceof SleepReply reply && reply.attempt() == 0) {
            return "follower wakes its leader";
        }
        if (message instanceof HostAnswer answer && !answer.wrong().isEmpty()) {
            return "sleeper is told that nobody leads it from there";
        }
        if (message instanceof AppendRejected) {
            return "append rejected";
        }
        if (message instanceof ForwardProposal) {
            return "proposal forwarded";
        }
        return message instanceof TimeoutNow ? "leader asked for a transfer" : null;
    }
}
