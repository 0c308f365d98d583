package dev.lockstep.raft.archfixtures.clocks.model;

import java.time.Duration;

final class FineDuration {
    Duration timeout = Duration.ofSeconds(1);
}
