package dev.lockstep.raft.testkit.explore;

import dev.lockstep.raft.core.Effect;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import java.util.ArrayList;
import java.util.List;

/**
 * What a disk durably holds, never changed.
 *
 * @param entries all from index 1 on
 */
record Disk(Founding founding, HardState hardState, List<Entry> entries) {
    /**
     * The disk after a write, or after the first parts of one that a crash has torn: founding, hard
     * state, truncation, then one entry after the other.
     *
     * @param parts how many of them; {@link #parts} for all
     */
    Disk with(Effect.Persist write, int parts) {
        List<Entry> log = new ArrayList<>(entries);
        if (write.truncateFrom() != 0 && parts > 2) {
            log.subList((int) write.truncateFrom() - 1, log.size()).clear();
        }
        for (int i = 0; i < parts - 3; i++) {
            Entry entry = write.entries().get(i);
            if (entry.index() != log.size() + 1) {
                throw new AssertionError(entry + " written after " + log.size() + " entries");
            }
            log.add(entry);
        }
        return new Disk(
                write.founding() != null && parts > 0 ? write.founding() : founding,
                write.hardState() != null && parts > 1 ? write.hardState() : hardState,
                List.copyOf(log));
    }

    static int parts(Effect.Persist write) {
        return 3 + write.entries().size();
    }

    RecoveredReplica recovered(ReplicaId id) {
        List<LogPosition> terms = new ArrayList<>();
        for (Entry entry : entries) {
            if (terms.isEmpty() || terms.get(terms.size() - 1).term() != entry.term()) {
                terms.add(entry.position());
            }
        }
        return new RecoveredReplica(
                id,
                founding,
                hardState,
                null,
                LogPosition.ZERO,
                terms,
                entries.size(),
                0,
                entries.stream().filter(e -> e.kind() == EntryKind.CONFIGURATION).toList());
    }
}
