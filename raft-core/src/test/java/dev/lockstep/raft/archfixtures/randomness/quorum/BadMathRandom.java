package dev.lockstep.raft.archfixtures.randomness.quorum;

final class BadMathRandom {
    double random() {
        return Math.random();
    }
}
