package dev.lockstep.raft.message;

import java.util.List;

/**
 * Answers a {@link HostQuestion}: the sender lives.
 *
 * @param boot counts the starts of the sender's directory
 * @param bootNonce drawn at this start; another one than before tells that all its replicas have
 *     begun anew
 * @param wrong the claims that don't hold: no replica of the sender leads that group in that term
 */
public record HostAnswer(long boot, long bootNonce, List<LeaderClaim> wrong) implements Message {
    public HostAnswer {
        wrong = List.copyOf(wrong);
    }

    @Override
    public long term() {
        return 0;
    }
}
