package dev.lockstep.raft.storage;

import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Random UUIDs (version 4) from a given source of randomness, so that a simulation draws the same
 * again.
 */
final class Uuids {
    private Uuids() {}

    static UUID draw(RandomGenerator random) {
        long most = random.nextLong() & 0xffff_ffff_ffff_0fffL | 0x4000L;
        long least = random.nextLong() & 0x3fff_ffff_ffff_ffffL | 0x8000_0000_0000_0000L;
        return new UUID(most, least);
    }
}
