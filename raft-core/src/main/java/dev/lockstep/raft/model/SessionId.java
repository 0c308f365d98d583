package dev.lockstep.raft.model;

/**
 * Names a client session (§6.3). The index alone would not do: who recovers a group by hand may use
 * an index again.
 *
 * @param index of the entry that opened the session
 * @param nonce drawn by the client that asked for it
 */
public record SessionId(long index, long nonce) {
    public SessionId {
        if (index < 1) {
            throw new IllegalArgumentException(
                    "a session is opened by an entry, so its index is at least 1: " + index);
        }
    }

    /** Index and nonce, such as {@code 17-00c0ffee00c0ffee}. */
    @Override
    public String toString() {
        return String.format("%d-%016x", index, nonce);
    }
}
