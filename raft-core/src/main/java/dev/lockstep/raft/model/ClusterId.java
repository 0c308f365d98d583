package dev.lockstep.raft.model;

/**
 * The name that all hosts of one cluster share. A host refuses a connection, and a directory, of
 * another cluster.
 *
 * @param value 1 to 64 characters out of {@code A-Z a-z 0-9 . _ -}
 */
public record ClusterId(String value) {
    public ClusterId {
        Names.check("cluster id", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
