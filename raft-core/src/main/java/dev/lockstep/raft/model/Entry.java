package dev.lockstep.raft.model;

/**
 * One entry of a group's log. Made once, by the leader or a decoder, and shared by log, disk and
 * wire.
 *
 * @param term the term of the leader that made it, at least 1
 * @param index its place in the log, at least 1
 * @param kind what it is for
 * @param timestampMillis the leader's clock when it was made, in milliseconds since 1970, never
 *     below that of the entry before; what expires by it expires at the same entry on every replica
 * @param payload the command's bytes; empty for a no-op
 */
public record Entry(long term, long index, EntryKind kind, long timestampMillis, Payload payload) {
    /** What an entry is counted as beyond its payload wherever bytes are bounded. */
    public static final int OVERHEAD_BYTES = 64;

    public Entry {
        if (term < 1 || index < 1) {
            throw new IllegalArgumentException(
                    "an entry needs a term and an index of at least 1: " + term + ":" + index);
        }
    }

    public LogPosition position() {
        return new LogPosition(term, index);
    }

    /** What a witness keeps of it: configurations whole, of all else the position. */
    public Entry forWitness() {
        return kind == EntryKind.CONFIGURATION || kind == EntryKind.POSITION
                ? this
                : new Entry(term, index, EntryKind.POSITION, timestampMillis, Payload.EMPTY);
    }

    /** The bytes that this entry counts as in every queue, window and cache. */
    public int weightBytes() {
        return OVERHEAD_BYTES + payload.size();
    }

    @Override
    public String toString() {
        return kind + "@" + term + ":" + index + (payload.size() == 0 ? "" : payload.toString());
    }
}
