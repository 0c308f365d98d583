package dev.lockstep.raft.storage;

/** Is told what a {@link StorageInspection} finds in the log, in the order of the log. */
public interface LogVisitor {
    /** A record that is whole. */
    void record(StoredRecord record);

    /** Bytes that were durable and aren't what they were, or aren't there. */
    void damage(StoredDamage damage);

    /**
     * The remains of a batch that a crash interrupted, which is no damage: nothing of it was
     * acknowledged, and the next open removes it.
     *
     * @param offset where in the file it begins
     */
    void unfinished(String file, long offset);
}
