package dev.lockstep.raft.storage;

/** What a record of the log says. The codes stand on disk and never change. */
enum RecordKind {
    /** A group's replica lives here; where its log stands. */
    REPLICA(1),
    /** How the group began. */
    FOUNDING(2),
    /** Term and vote. */
    HARD_STATE(3),
    /** The entries from this index on are dropped. */
    TRUNCATE(4),
    /**
     * One entry of the group's log; where the log holds it already, from here on it is read here.
     */
    ENTRY(5),
    /** All that a segment repeats from the ones before it stands before this record. */
    CHECKPOINT_END(6),
    /**
     * The entries up to this position are dropped; where none are left, the log goes on behind it.
     */
    BASE(7),
    /** A group lived here of which nothing is left but its key. */
    LOST(8);

    private static final RecordKind[] BY_CODE = {
        null, REPLICA, FOUNDING, HARD_STATE, TRUNCATE, ENTRY, CHECKPOINT_END, BASE, LOST
    };

    private final byte code;

    RecordKind(int code) {
        this.code = (byte) code;
    }

    byte code() {
        return code;
    }

    static RecordKind ofCode(int code) throws Damage {
        if (code < 1 || code >= BY_CODE.length) {
            throw new Damage("record kind " + code + " is unknown");
        }
        return BY_CODE[code];
    }
}
