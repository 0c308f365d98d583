package dev.lockstep.raft.archfixtures.threads.runtime;

final class FineThread {
    Thread thread = new Thread();
}
