package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a record of kind REPLICA says.
 *
 * @param group whose replica
 * @param incarnation the replica's
 * @param base the position before the first entry that is kept
 * @param terms the positions of the first entry of each term, which lead from the base to the last
 * @param last the last entry's position
 * @param lastTimestampMillis at least the timestamp of every entry so far
 * @param beganAnew why it isn't the replica that was here before it; null when it is the first
 */
record ReplicaRecord(
        GroupId group,
        UUID incarnation,
        LogPosition base,
        List<LogPosition> terms,
        LogPosition last,
        long lastTimestampMillis,
        @Nullable BeganAnew beganAnew) {
    /** No array, and so no {@link EntryIndex} of whoever wrote this, has more. */
    private static final long MOST_ENTRIES = Integer.MAX_VALUE - 8;

    static ReplicaRecord read(RecordHead head, ByteBuffer body) throws Damage {
        UUID incarnation = Bodies.uuid(body);
        LogPosition base = Bodies.position(body);
        LogPosition last = new LogPosition(head.term(), head.index());
        if (last.index() - base.index() > MOST_ENTRIES) {
            throw new Damage("no log has all entries from " + base + " to " + last);
        }
        List<LogPosition> terms = terms(body, base, last);
        long lastTimestampMillis = body.getLong();
        GroupId group = GroupId.of(Bodies.name(body));
        if (group.key() != head.group()) {
            throw new Damage("group '" + group + "' doesn't have the key of " + head);
        }
        return new ReplicaRecord(
                group, incarnation, base, terms, last, lastTimestampMillis, BeganAnew.read(body));
    }

    /**
     * What it says, as far as it must be what the log says that was read.
     *
     * @param readTimestampMillis may be later than the record's: that of an entry which whoever
     *     wrote the record couldn't read
     */
    String summary(long readTimestampMillis) {
        return ReplicaLog.summary(
                incarnation, base, terms, last, Math.max(lastTimestampMillis, readTimestampMillis));
    }

    /**
     * The positions of the first entry of each term, which lead from the base to the last entry.
     */
    private static List<LogPosition> terms(ByteBuffer body, LogPosition base, LogPosition last)
            throws Damage {
        int count = body.getInt();
        List<LogPosition> terms = new ArrayList<>();
        LogPosition before = base;
        for (int i = 0; i < count; i++) {
            LogPosition first = Bodies.position(body);
            boolean follows =
                    i == 0
                            ? first.index() == base.index() + 1 && first.term() >= base.term()
                            : first.index() > before.index() && first.term() > before.term();
            if (!follows) {
                throw new Damage(first + " can't follow " + before + " in a replica record");
            }
            terms.add(first);
            before = first;
        }
        boolean ends =
                count == 0
                        ? last.equals(base)
                        : before.term() == last.term() && before.index() <= last.index();
        if (!ends) {
            throw new Damage("a log with terms from " + terms + " can't end at " + last);
        }
        return terms;
    }
}
