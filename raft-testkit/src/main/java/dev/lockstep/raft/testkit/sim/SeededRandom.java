package dev.lockstep.raft.testkit.sim;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * SplitMix64, with bounded draws of its own: those of the JDK may change from one release to the
 * next, and a seed must mean the same run on all of them.
 */
public final class SeededRandom implements RandomGenerator {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;
    private static final double DOUBLE_UNIT = 0x1.0p-53;

    private final long seed;
    private long state;

    /** A stream that depends on nothing but the seed. */
    public SeededRandom(long seed) {
        this.seed = seed;
        this.state = mix(seed);
    }

    /**
     * Another stream, the same for the same seed and name however much was drawn here before: so
     * one component that draws more or less than it did leaves the luck of the others as it was.
     */
    public SeededRandom fork(String name) {
        long hash = seed;
        for (int i = 0; i < name.length(); i++) {
            hash = mix(hash ^ name.charAt(i));
        }
        return new SeededRandom(hash);
    }

    @Override
    public long nextLong() {
        state += GOLDEN;
        return mix(state);
    }

    @Override
    public int nextInt() {
        return (int) (nextLong() >>> 32);
    }

    /** Uniform from 0 to {@code bound}, exclusive. */
    @Override
    public int nextInt(int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound must be positive: " + bound);
        }
        // The bias of the multiplication is below bound / 2^32, which no simulation can tell.
        return (int) (((nextLong() >>> 32) * bound) >>> 32);
    }

    @Override
    public int nextInt(int origin, int bound) {
        return origin + nextInt(bound - origin);
    }

    @Override
    public long nextLong(long bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound must be positive: " + bound);
        }
        return Math.multiplyHigh(nextLong() >>> 1, bound << 1);
    }

    /**
     * Uniform from {@code origin} to {@code bound}, exclusive; their distance must fit in 62 bits.
     */
    @Override
    public long nextLong(long origin, long bound) {
        return origin + nextLong(bound - origin);
    }

    @Override
    public double nextDouble() {
        return (nextLong() >>> 11) * DOUBLE_UNIT;
    }

    @Override
    public boolean nextBoolean() {
        return nextLong() < 0;
    }

    /** True with that probability, from 0 to 1. */
    public boolean chance(double probability) {
        return nextDouble() < probability;
    }

    /** As {@link #chance}, but for what never happens nothing is drawn. */
    public boolean happens(double probability) {
        return probability > 0 && chance(probability);
    }

    /** One of the elements, each as likely. */
    public <T> T pick(List<T> from) {
        return from.get(nextInt(from.size()));
    }

    static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
