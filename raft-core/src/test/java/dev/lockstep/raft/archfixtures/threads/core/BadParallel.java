package dev.lockstep.raft.archfixtures.threads.core;

import java.util.List;

final class BadParallel {
    long sum(List<Long> all) {
        return all.parallelStream().mapToLong(each -> each).sum();
    }
}
