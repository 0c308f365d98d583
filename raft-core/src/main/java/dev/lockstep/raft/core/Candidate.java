package dev.lockstep.raft.core;

import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.InstallPosition;
import dev.lockstep.raft.message.InstallSnapshot;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.RequestReadIndex;
import dev.lockstep.raft.message.RequestSleep;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.quorum.VoteTally;

/**
 * Campaigns, in two rounds. First it asks, without a new term, whether a quorum would elect it, so
 * that a server that was cut off disturbs nobody when it comes back (§9.6); then it asks for votes
 * in a new term (§3.4).
 */
final class Candidate extends Behaviour {
    private static final int FIRST_ROUNDS = 10;

    private final boolean preVote;

    /** The leader asked for this campaign. */
    private final boolean transfer;

    private final VoteTally tally;
    private final ElectionTimer timer;

    /** How often it asks again after a short time only. */
    private final int hurries;

    private Candidate(RaftCore core, boolean preVote, boolean transfer, int hurries) {
        super(core);
        assert !core.self.isWitness() : core.self + " campaigns";
        this.hurries = hurries;
        this.preVote = preVote;
        this.transfer = transfer;
        this.tally = new VoteTally(core.membership());
        this.timer = new ElectionTimer(core);
        if (hurries > 0) {
            timer.postpone(core.now() + core.options.heartbeatInterval().toNanos());
        }
    }

    /** The first round. */
    static Candidate asking(RaftCore core) {
        return new Candidate(core, true, false, 0);
    }

    /**
     * The first round of a group's first election. Whom it asks may not have heard yet that all
     * have confirmed the founding, and don't answer before: so it asks again soon.
     */
    static Candidate first(RaftCore core) {
        return new Candidate(core, true, false, FIRST_ROUNDS);
    }

    /**
     * The second round: begins a term.
     *
     * @param transfer whether the leader asked for it, which also spares the first round
     */
    static void campaignFor(RaftCore core, boolean transfer) {
        core.setHardState(core.hardState().withTerm(core.term() + 1).withVote(core.self));
        core.become(new Candidate(core, false, transfer, 0));
    }

    @Override
    Role role() {
        return preVote ? Role.PRE_CANDIDATE : Role.CANDIDATE;
    }

    @Override
    long deadlineNanos() {
        return timer.deadlineNanos();
    }

    @Override
    void onEnter() {
        LogPosition last = core.writableLast();
        if (preVote) {
            toVoters(new RequestPreVote(core.term() + 1, last));
            tally.record(core.self, true);
            conclude();
        } else {
            // Sent once term, own vote and log are durable: else a restart could campaign again in
            // this term with a
            // shorter log, and count a vote that was given to the longer one. The own vote counts
            // from then on too.
            toVoters(new RequestVote(core.term(), last, transfer));
        }
    }

    @Override
    void onDurable() {
        if (!preVote && core.termIsDurable()) {
            tally.record(core.self, true);
            conclude();
        }
    }

    @Override
    void onDeadline() {
        core.become(new Candidate(core, true, false, Math.max(0, hurries - 1)));
    }

    @Override
    void onDamaged() {
        core.becomeFollower(core.term());
    }

    @Override
    void onMessage(ReplicaId from, Message message) {
        if (message instanceof PreVoteReply reply) {
            onPreVoteReply(from, reply);
        } else if (message instanceof VoteReply reply) {
            if (!preVote) {
                tally.record(from, reply.granted());
                conclude();
            }
        } else if (message instanceof AppendEntries
                || message instanceof Heartbeat
                || message instanceof RequestSleep
                || message instanceof InstallSnapshot
                || message instanceof InstallPosition) {
            core.becomeFollower(core.term());
            core.behaviour().onMessage(from, message);
        } else if (message instanceof RequestReadIndex request) {
            onRead(new Ticket(from, request.id()), request.byLease());
        } else if (message instanceof ForwardProposal forward) {
            onPropose(new Ticket(from, forward.id()), forward.kind(), forward.payload());
        }
    }

    private void onPreVoteReply(ReplicaId from, PreVoteReply reply) {
        boolean ofThisRound =
                reply.granted() ? reply.term() == core.term() + 1 : reply.term() == core.term();
        if (preVote && ofThisRound) {
            tally.record(from, reply.granted());
            conclude();
        }
    }

    private void conclude() {
        switch (tally.result()) {
            case WON -> {
                if (!preVote) {
                    core.become(new Leader(core));
                } else if (core.promises.hold()) {
                    core.becomeFollower(core.term()); // the own vote is promised away, too
                } else {
                    campaignFor(core, false);
                }
            }
            case LOST -> core.becomeFollower(core.term());
            case PENDING -> {}
        }
    }

    private void toVoters(Message request) {
        for (ReplicaId replica : core.membership().replicas()) {
            if (!replica.equals(core.self) && core.membership().isVoter(replica)) {
                if (preVote) {
                    core.outbox.send(replica, request);
                } else {
                    core.outbox.sendDurably(replica, request);
                }
            }
        }
    }
}
