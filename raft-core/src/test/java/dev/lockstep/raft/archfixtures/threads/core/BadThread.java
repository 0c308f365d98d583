package dev.lockstep.raft.archfixtures.threads.core;

final class BadThread {
    Thread thread = new Thread();
}
