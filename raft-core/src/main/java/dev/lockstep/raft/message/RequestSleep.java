package dev.lockstep.raft.message;

import dev.lockstep.raft.model.LogPosition;

/**
 * The leader of a quiet group asks whether the receiver agrees with it on everything, and no longer
 * needs to hear it until one of them is used; answered by {@link SleepReply}.
 *
 * @param term the leader's term
 * @param last the end of the leader's log, all of which is committed, and known to be durable at
 *     the receiver
 * @param attempt the leader's own count of such questions, returned in the reply
 */
public record RequestSleep(long term, LogPosition last, long attempt) implements Message {
    public RequestSleep {
        Terms.check(term);
        Terms.checkIndex("attempt", attempt);
    }
}
