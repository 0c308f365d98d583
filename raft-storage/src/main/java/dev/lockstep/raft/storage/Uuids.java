package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.ReplicaId;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Random UUIDs (version 4, and for incarnations of witnesses version 8) from a given source of
 * randomness, so that a simulation draws the same again.
 */
final class Uuids {
    private static final int RANDOM = 4;

    private Uuids() {}

    static UUID draw(RandomGenerator random) {
        return draw(random, RANDOM);
    }

    static UUID drawForWitness(RandomGenerator random) {
        return draw(random, ReplicaId.WITNESS_VERSION);
    }

    private static UUID draw(RandomGenerator random, int version) {
        long most = random.nextLong() & 0xffff_ffff_ffff_0fffL | (long) version << 12;
        long least = random.nextLong() & 0x3fff_ffff_ffff_ffffL | 0x8000_0000_0000_0000L;
        return new UUID(most, least);
    }
}
