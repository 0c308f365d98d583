package dev.lockstep.raft.archfixtures.randomness.runtime;

import java.util.UUID;

final class FineUuid {
    UUID drawn = UUID.randomUUID();
}
