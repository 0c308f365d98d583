package dev.lockstep.raft.archfixtures.randomness.model;

import java.util.UUID;

final class FineUuid {
    UUID read = new UUID(1, 2);
}
