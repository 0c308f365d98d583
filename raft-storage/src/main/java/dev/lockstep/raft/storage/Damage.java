package dev.lockstep.raft.storage;

/**
 * Bytes that don't say what they must. Whoever knows file and offset turns it into a named fault.
 */
final class Damage extends Exception {
    private static final long serialVersionUID = 1;

    Damage(String what) {
        super(what, null, false, false);
    }

    /** The finding; never null, unlike {@link #getMessage}. */
    String what() {
        return String.valueOf(getMessage());
    }
}
