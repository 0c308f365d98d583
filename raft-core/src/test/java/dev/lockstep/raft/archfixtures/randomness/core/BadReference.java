package dev.lockstep.raft.archfixtures.randomness.core;

import java.util.Random;
import java.util.function.Supplier;

final class BadReference {
    Supplier<Random> source = Random::new;
}
