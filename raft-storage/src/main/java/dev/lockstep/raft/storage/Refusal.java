package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.StorageException;

/**
 * The words with which a damaged directory is refused: what, where, what it means and what to do.
 */
final class Refusal {
    static final String WHAT_NOW =
            " Votes or entries that this host has acknowledged may be lost, so it neither votes nor acknowledges"
                    + " on what is left; nothing was changed. While a majority of each group is healthy: keep the"
                    + " directory aside, remove this node from its groups and add it again with an empty one.";

    private Refusal() {}

    static StorageException corrupt(Disk disk, String file, long offset, String what) {
        return corrupt(disk, file, offset, what, WHAT_NOW);
    }

    static StorageException corrupt(
            Disk disk, String file, long offset, String what, String whatNow) {
        return new StorageException(
                new Fault(
                        Fault.Code.LOG_CORRUPT,
                        file
                                + " at offset "
                                + offset
                                + " in "
                                + disk
                                + ": "
                                + what
                                + "."
                                + whatNow));
    }

    static StorageException lost(Disk disk, long index) {
        return new StorageException(
                new Fault(
                        Fault.Code.LOG_CORRUPT,
                        "entry "
                                + index
                                + " is in the log in "
                                + disk
                                + ", and its bytes were found damaged when that was opened. It is read again once a"
                                + " copy of another member is here."));
    }

    static StorageException unreadable(Loss loss) {
        return new StorageException(
                new Fault(
                        Fault.Code.STORAGE_FAILED,
                        loss.what()
                                + ", and without it nobody can tell what this host has voted for or acknowledged."
                                + " Nothing was changed. Mend the disk and start again. If it never reads that again,"
                                + " copy what it reads to another one, with bytes of 255 for the rest, and start there:"
                                + " then the groups that the loss touches begin anew, and the others go on. Never with"
                                + " zeros, which look like what was never written: then votes and acknowledged entries"
                                + " would be missing without anybody knowing."));
    }

    static StorageException snapshot(Disk disk, String file, String what) {
        return new StorageException(
                new Fault(Fault.Code.SNAPSHOT_CORRUPT, file + " in " + disk + ": " + what));
    }

    /** A file that has a segment's name and can't be one of this log. */
    static StorageException stray(Disk disk, String file, String next) {
        return new StorageException(
                new Fault(
                        Fault.Code.LOG_GAP,
                        file
                                + " in "
                                + disk
                                + ": its number can't be that of a segment of this log, in which "
                                + next
                                + " should come there, so it seems to be no file of Lockstep's. Nothing was changed"
                                + " and nothing is lost. If it was put there by mistake, move it elsewhere and start"
                                + " again; if files of the log were moved away, put them back."));
    }

    static StorageException gap(Disk disk, String file, String what) {
        return new StorageException(
                new Fault(Fault.Code.LOG_GAP, file + " in " + disk + ": " + what + "." + WHAT_NOW));
    }
}
