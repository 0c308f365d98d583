package dev.lockstep.raft.archfixtures.downwards.message;

import dev.lockstep.raft.archfixtures.downwards.core.FineCore;

final class BadMessage {
    FineCore reachesUp = new FineCore();
}
