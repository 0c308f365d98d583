package dev.lockstep.raft.archfixtures.threads.model;

import java.util.concurrent.atomic.AtomicLong;

final class BadAtomic {
    final AtomicLong counter = new AtomicLong();
}
