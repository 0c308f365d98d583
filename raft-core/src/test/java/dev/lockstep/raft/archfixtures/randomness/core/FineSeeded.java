package dev.lockstep.raft.archfixtures.randomness.core;

import java.util.Random;
import java.util.SplittableRandom;

final class FineSeeded {
    Random random = new Random(1);
    SplittableRandom other = new SplittableRandom(1);
}
