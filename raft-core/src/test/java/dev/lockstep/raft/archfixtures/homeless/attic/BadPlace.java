package dev.lockstep.raft.archfixtures.homeless.attic;

/** Lives in no room. */
final class BadPlace {}
