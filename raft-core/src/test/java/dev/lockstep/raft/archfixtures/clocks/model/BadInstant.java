package dev.lockstep.raft.archfixtures.clocks.model;

import java.time.Instant;

final class BadInstant {
    Instant now() {
        return Instant.now();
    }
}
