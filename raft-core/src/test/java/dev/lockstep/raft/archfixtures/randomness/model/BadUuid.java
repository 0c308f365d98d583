package dev.lockstep.raft.archfixtures.randomness.model;

import java.util.UUID;

final class BadUuid {
    UUID drawn = UUID.randomUUID();
}
