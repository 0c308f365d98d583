package dev.lockstep.raft.core;

import dev.lockstep.raft.model.RaftOptions;

/**
 * When an append is large enough to leave. With little on its way anything is, so that a lone
 * command waits for nobody. The more is unanswered, the fuller the next append must be: a deep
 * pipeline then carries full batches instead of many small ones, each of which would cost the
 * follower a write and a sync. What is held back leaves with the next acknowledgement.
 */
final class Batching {
    /** So many unanswered appends may be of any size. */
    static final int FREE_MESSAGES = 4;

    private Batching() {}

    static boolean isEnough(long bytes, Progress follower, RaftOptions options) {
        int beyondFree = follower.inFlightMessages() - FREE_MESSAGES + 1;
        if (beyondFree <= 0) {
            return true;
        }
        int room = options.maxInflightMessages() - FREE_MESSAGES + 1;
        return bytes >= (long) options.maxAppendBytes() * beyondFree / room;
    }
}
