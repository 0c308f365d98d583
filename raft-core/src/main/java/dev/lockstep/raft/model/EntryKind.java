package dev.lockstep.raft.model;

/** What an entry of the log is for. The codes stand on disk and wire and never change. */
public enum EntryKind {
    /** A command for the state machine. */
    COMMAND(1),
    /**
     * The empty entry with which a leader opens its term (§6.4); the state machine doesn't see it.
     */
    NO_OP(2),
    /** A new membership (§4.1). */
    CONFIGURATION(3),
    /** The opening or the end of client sessions (§6.3). */
    SESSION(4),
    /** A command for the state machine that takes effect once in its session (§6.3). */
    SESSION_COMMAND(5),
    /** Asks every replica for a hash of what it has made of the log up to here. */
    COMPARE_STATE(6),
    /**
     * Stands, in a witness's log and nowhere else, for an entry of any kind but a configuration:
     * its term, index and time are kept, and nothing more of it.
     */
    POSITION(7);

    private static final EntryKind[] BY_CODE = {
        null, COMMAND, NO_OP, CONFIGURATION, SESSION, SESSION_COMMAND, COMPARE_STATE, POSITION
    };

    private final byte code;

    EntryKind(int code) {
        this.code = (byte) code;
    }

    public byte code() {
        return code;
    }

    /**
     * Whether clients propose such entries, and replicas forward them; the leader makes the others.
     */
    public boolean isForClients() {
        return this == COMMAND || this == SESSION || this == SESSION_COMMAND;
    }

    /**
     * @throws IllegalArgumentException when no kind of this version has the code; such an entry
     *     must never be appended, since this version can't tell what applying it means
     */
    public static EntryKind ofCode(int code) {
        if (code < 1 || code >= BY_CODE.length) {
            throw new IllegalArgumentException(
                    "entry kind " + code + " is unknown to this version");
        }
        return BY_CODE[code];
    }
}
