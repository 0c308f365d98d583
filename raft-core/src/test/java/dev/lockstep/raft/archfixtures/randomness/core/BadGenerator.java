package dev.lockstep.raft.archfixtures.randomness.core;

import java.util.random.RandomGenerator;

final class BadGenerator {
    RandomGenerator random = RandomGenerator.getDefault();
}
