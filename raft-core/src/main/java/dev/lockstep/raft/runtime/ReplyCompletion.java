package dev.lockstep.raft.runtime;

import dev.lockstep.raft.message.ProposalReply;
import dev.lockstep.raft.message.ProposalReply.Outcome;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Overloaded;
import dev.lockstep.raft.model.Payload;
import java.util.function.Consumer;

/** Tells the replica that forwarded a proposal how it ended. */
final class ReplyCompletion implements Completion {
    private final long id;
    private final Consumer<Reply> sender;

    /** An answer that takes the term in which it leaves. */
    record Reply(long id, Outcome outcome, long index, Payload result) {
        ProposalReply in(long term) {
            return new ProposalReply(term, id, outcome, index, result);
        }
    }

    /**
     * @param sender called by any thread
     */
    ReplyCompletion(long id, Consumer<Reply> sender) {
        this.id = id;
        this.sender = sender;
    }

    @Override
    public void done(long index, Payload result) {
        sender.accept(new Reply(id, Outcome.DONE, index, result));
    }

    void notLeader() {
        sender.accept(new Reply(id, Outcome.NOT_LEADER, 0, Payload.EMPTY));
    }

    @Override
    public void notDone(NotDone why) {
        Outcome outcome =
                why instanceof Overloaded
                        ? Outcome.OVERLOADED
                        : why.reason() == NotDone.Reason.DISK_FULL
                                ? Outcome.DISK_FULL
                                : Outcome.NOT_DONE;
        sender.accept(new Reply(id, outcome, 0, Payload.of(why.getMessage())));
    }

    @Override
    public void unknown(OutcomeUnknown why) {
        sender.accept(new Reply(id, Outcome.UNKNOWN, 0, Payload.of(why.getMessage())));
    }
}
