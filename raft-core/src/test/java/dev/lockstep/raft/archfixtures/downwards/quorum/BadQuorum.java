package dev.lockstep.raft.archfixtures.downwards.quorum;

import dev.lockstep.raft.archfixtures.downwards.core.FineCore;

final class BadQuorum {
    FineCore reachesUp = new FineCore();
}
