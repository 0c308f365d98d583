package dev.lockstep.raft.archfixtures.downwards.model;

public final class FineModel {}
