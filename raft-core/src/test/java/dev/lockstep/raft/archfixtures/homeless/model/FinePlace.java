package dev.lockstep.raft.archfixtures.homeless.model;

final class FinePlace {}
