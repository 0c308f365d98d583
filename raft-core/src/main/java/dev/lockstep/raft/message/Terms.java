package dev.lockstep.raft.message;

/** The check that the messages share. */
final class Terms {
    private Terms() {}

    static void check(long term) {
        if (term < 1) {
            throw new IllegalArgumentException("term must be at least 1: " + term);
        }
    }

    static void checkIndex(String what, long index) {
        if (index < 0) {
            throw new IllegalArgumentException(what + " must not be negative: " + index);
        }
    }
}
