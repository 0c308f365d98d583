package dev.lockstep.raft.applied;

/** A 64-bit hash that depends on the order of what it is given. Finds mistakes, not attackers. */
final class Mix {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private Mix() {}

    static long of(long hash, long value) {
        return finish(hash + GOLDEN ^ finish(value + GOLDEN));
    }

    /** The finalizer of SplitMix64: each bit of the value moves every bit of the result. */
    private static long finish(long value) {
        long mixed = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }
}
