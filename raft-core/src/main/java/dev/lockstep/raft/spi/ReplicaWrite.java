package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What changes durably in one replica, in this order: founding, hard state, truncation, base,
 * copies, entries.
 *
 * @param group whose replica
 * @param founding the new one; null when it stays
 * @param hardState the new one; null when it stays
 * @param truncateFrom the first index to drop, with all after it; 0 when none is dropped
 * @param base the position before the first entry that is kept from now on, which the log holds
 *     unless it is empty by now; null when it stays. A snapshot at or behind it is durable
 * @param copies of entries that the log holds, to be read from now on instead of what is damaged
 * @param entries consecutive, following what is left of the log; maybe empty
 */
public record ReplicaWrite(
        GroupId group,
        @Nullable Founding founding,
        @Nullable HardState hardState,
        long truncateFrom,
        @Nullable LogPosition base,
        List<Entry> copies,
        List<Entry> entries) {
    /** Without copies. */
    public ReplicaWrite(
            GroupId group,
            @Nullable Founding founding,
            @Nullable HardState hardState,
            long truncateFrom,
            @Nullable LogPosition base,
            List<Entry> entries) {
        this(group, founding, hardState, truncateFrom, base, List.of(), entries);
    }

    /** With the base as it is. */
    public ReplicaWrite(
            GroupId group,
            @Nullable Founding founding,
            @Nullable HardState hardState,
            long truncateFrom,
            List<Entry> entries) {
        this(group, founding, hardState, truncateFrom, null, entries);
    }
}
