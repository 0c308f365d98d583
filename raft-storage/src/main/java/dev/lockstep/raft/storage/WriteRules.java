package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.spi.ReplicaWrite;
import org.jspecify.annotations.Nullable;

/** Refuses, before any of it is taken, a write that recovery would have to take for damage. */
final class WriteRules {
    /**
     * The largest payload; 64 MiB, as in the options of a group, with room for what wraps a
     * command.
     */
    private static final int MOST_PAYLOAD_BYTES = 65 << 20;

    private WriteRules() {}

    static void check(ReplicaLog replica, ReplicaWrite write) {
        HardState hardState = replica.hardState();
        HardState next = write.hardState();
        if (next != null) {
            demand(replica, ReplicaLog.refusal(hardState, next));
            hardState = next;
        }
        LogPosition last = replica.index().last();
        if (write.truncateFrom() != 0) {
            demand(replica, replica.refusal(write.truncateFrom()));
            last = positionBefore(replica.index(), write.truncateFrom());
        }
        LogPosition base = write.base();
        if (base != null) {
            demand(replica, replica.refusal(last, base));
            last = base.index() > last.index() ? base : last;
        }
        for (Entry copy : write.copies()) {
            boolean isKept =
                    copy.index() <= last.index() && (base == null || copy.index() > base.index());
            demand(
                    replica,
                    isKept
                            ? replica.refusalOfCopy(copy.position())
                            : "a copy of " + copy.position() + " in a log that drops it");
        }
        for (Entry entry : write.entries()) {
            demand(replica, ReplicaLog.refusal(last, hardState, entry));
            if (entry.payload().size() > MOST_PAYLOAD_BYTES) {
                throw new IllegalArgumentException(
                        "group '"
                                + replica.group()
                                + "': a payload of "
                                + entry.payload().size()
                                + " bytes is too large");
            }
            last = entry.position();
        }
    }

    private static LogPosition positionBefore(EntryIndex index, long from) {
        return from - 1 == index.base().index()
                ? index.base()
                : new LogPosition(index.termAt(from - 1), from - 1);
    }

    private static void demand(ReplicaLog replica, @Nullable String refusal) {
        if (refusal != null) {
            throw new IllegalArgumentException("group '" + replica.group() + "': " + refusal);
        }
    }
}
