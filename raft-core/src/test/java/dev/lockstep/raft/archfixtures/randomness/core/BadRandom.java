package dev.lockstep.raft.archfixtures.randomness.core;

import java.util.Random;

final class BadRandom {
    Random random = new Random();
}
