package dev.lockstep.raft.message;

import java.util.List;

/**
 * From host to host: replicas of the sender sleep, and trust that those of the receiver lead them.
 * One question in an interval stands for the heartbeats of them all; answered by {@link
 * HostAnswer}.
 *
 * @param claims some of those replicas' groups, other ones each time
 */
public record HostQuestion(List<LeaderClaim> claims) implements Message {
    public HostQuestion {
        claims = List.copyOf(claims);
    }

    @Override
    public long term() {
        return 0;
    }
}
