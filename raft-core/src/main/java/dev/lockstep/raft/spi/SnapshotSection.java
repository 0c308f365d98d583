package dev.lockstep.raft.spi;

/** The parts of a snapshot. The codes stand on disk and wire, ascending, and never change. */
public enum SnapshotSection {
    /**
     * What a replica keeps of the log beside the state machine: client sessions, hash of the log.
     */
    REPLICATED(1),
    /** What {@link SnapshotSource#writeTo} wrote. */
    APPLICATION(2);

    private final byte code;

    SnapshotSection(int code) {
        this.code = (byte) code;
    }

    public byte code() {
        return code;
    }
}
