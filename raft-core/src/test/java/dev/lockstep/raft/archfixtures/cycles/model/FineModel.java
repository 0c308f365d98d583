package dev.lockstep.raft.archfixtures.cycles.model;

import dev.lockstep.raft.archfixtures.cycles.core.BadCore;

final class FineModel {
    BadCore oneWay;
}
