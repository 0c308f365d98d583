package dev.lockstep.raft.testkit.disk;

/** What a process asks of its disk. */
public enum DiskOperation {
    LIST,
    CREATE,
    OPEN,
    RENAME,
    DELETE,
    SYNC_DIRECTORY,
    READ,
    WRITE,
    SYNC
}
