package dev.lockstep.raft.runtime;

import dev.lockstep.raft.applied.SessionAnswer;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SessionExpired;

/**
 * Tells what the sessions of the replicas answered. When it was tried before with an unknown
 * outcome, an answer that says that it didn't run this time doesn't say that it never did.
 */
final class SessionCompletion implements Completion {
    private final Completion next;
    private final GroupId group;

    /** Written in the host's loop, before the end is told in another. */
    private boolean triedBefore;

    SessionCompletion(Completion next, GroupId group) {
        this.next = next;
        this.group = group;
    }

    @Override
    public void repeated() {
        triedBefore = true;
    }

    @Override
    public void done(long index, Payload result) {
        SessionAnswer answer;
        try {
            answer = SessionAnswer.decode(result);
        } catch (IllegalArgumentException e) {
            next.unknown(
                    new OutcomeUnknown(
                            "the leader's answer is one that only a later version knows; the command may have"
                                    + " taken effect"));
            return;
        }
        switch (answer.outcome()) {
            case DONE -> next.done(index, answer.answer());
            case EXPIRED -> expired();
            case FULL ->
                    didNotRun(
                            NotDone.Reason.SESSION_FULL,
                            "the session holds as many answers as it may (maxSessionAnswers): its client still"
                                    + " waits for an older one");
            case FORGOTTEN ->
                    next.unknown(
                            new OutcomeUnknown(
                                    "the session's client has said that it waits for this sequence no more, so its"
                                            + " answer is forgotten; it did not run now, but an earlier try may have"));
            case TOO_MANY_SESSIONS ->
                    next.notDone(
                            new NotDone(
                                    NotDone.Reason.TOO_MANY_SESSIONS,
                                    "group "
                                            + group
                                            + " has as many sessions as it may (maxSessions); none was opened. Close"
                                            + " some, or wait for unused ones to expire"));
            case MALFORMED ->
                    didNotRun(
                            NotDone.Reason.REFUSED,
                            "the replicas of group "
                                    + group
                                    + " could not make sense of the entry; are they of an older version?");
        }
    }

    private void expired() {
        if (triedBefore) {
            next.unknown(
                    new SessionExpired(
                            "the session has ended in group "
                                    + group
                                    + ". The command did not run now, but an earlier try of it may have. Open another"
                                    + " session; what is proposed there anew may run twice"));
        } else {
            next.notDone(
                    new NotDone(
                            NotDone.Reason.SESSION_EXPIRED,
                            "the session has ended in group "
                                    + group
                                    + ". This call did nothing; an earlier call with the same sequence may have"));
        }
    }

    private void didNotRun(NotDone.Reason reason, String why) {
        if (triedBefore) {
            next.unknown(
                    new OutcomeUnknown(why + "; it did not run now, but an earlier try may have"));
        } else {
            next.notDone(new NotDone(reason, why + "; nothing was done"));
        }
    }

    @Override
    public void notDone(NotDone why) {
        next.notDone(why);
    }

    @Override
    public void unknown(OutcomeUnknown why) {
        next.unknown(why);
    }
}
