package dev.lockstep.raft.archfixtures.downwards.model;

import dev.lockstep.raft.archfixtures.downwards.core.FineCore;

final class BadModel {
    FineCore reachesUp = new FineCore();
}
