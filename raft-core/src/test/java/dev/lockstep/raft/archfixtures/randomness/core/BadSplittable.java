package dev.lockstep.raft.archfixtures.randomness.core;

import java.util.SplittableRandom;

final class BadSplittable {
    SplittableRandom random = new SplittableRandom();
}
