package dev.lockstep.raft.archfixtures.clocks.quorum;

final class BadMillis {
    long now() {
        return System.currentTimeMillis();
    }
}
