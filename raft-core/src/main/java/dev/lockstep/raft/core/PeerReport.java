package dev.lockstep.raft.core;

import dev.lockstep.raft.model.PeerProgress;
import java.util.ArrayList;
import java.util.List;

/** Tells what a leader knows of the others. Made when somebody asks, and kept nowhere. */
final class PeerReport {
    private final RaftCore core;

    PeerReport(RaftCore core) {
        this.core = core;
    }

    List<PeerProgress> of(Leader leader, long nowNanos) {
        List<PeerProgress> peers = new ArrayList<>();
        for (Progress follower : leader.followers()) {
            peers.add(of(follower, nowNanos));
        }
        return peers;
    }

    private PeerProgress of(Progress follower, long nowNanos) {
        return new PeerProgress(
                follower.replica,
                core.membership().isVoter(follower.replica),
                core.isReachable(follower.replica.node()) && !follower.isReplaced(),
                follower.match(),
                follower.next(),
                core.log.lastIndex() - follower.match(),
                bytesBehind(follower.match()),
                follower.inFlightMessages(),
                follower.inFlightBytes(),
                stage(follower),
                Math.max(0, nowNanos - follower.heardNanos()),
                follower.stalledMillis());
    }

    private long bytesBehind(long match) {
        if (match == core.log.lastIndex()) {
            return 0;
        }
        return core.log.caches(match + 1) ? core.log.bytesFrom(match + 1) : PeerProgress.UNKNOWN;
    }

    private PeerProgress.Stage stage(Progress follower) {
        if (follower.next() <= core.log.base().index() || follower.fetching() != 0) {
            return PeerProgress.Stage.SNAPSHOT;
        }
        return follower.isProbing() ? PeerProgress.Stage.PROBING : PeerProgress.Stage.REPLICATING;
    }
}
