package dev.lockstep.raft.core;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One replica's disk: what is durable, and the ordered queue of writes that a crash may lose. A
 * crash keeps any prefix of that queue; of the write after it any prefix of its parts.
 */
final class SimDisk {
    /** Whose it is, where that matters. */
    ReplicaId owner;

    private Founding founding;
    private HardState hardState = HardState.INITIAL;
    private final List<Entry> entries = new ArrayList<>();
    private final ArrayDeque<Effect.Persist> unsynced = new ArrayDeque<>();

    SimDisk(Founding founding, HardState hardState, List<Entry> entries) {
        this.founding = founding;
        this.hardState = hardState;
        this.entries.addAll(entries);
    }

    void append(Effect.Persist write) {
        unsynced.addLast(write);
    }

    boolean isIdle() {
        return unsynced.isEmpty();
    }

    int pending() {
        return unsynced.size();
    }

    Founding founding() {
        return founding;
    }

    HardState durableHardState() {
        return hardState;
    }

    List<Entry> durableEntries() {
        return entries;
    }

    boolean holdsDurably(LogPosition position) {
        int at = (int) position.index() - 1;
        return at < entries.size() && entries.get(at).term() == position.term();
    }

    /** The one at the log's end, synced or not; none before the founding. */
    List<Membership> memberships() {
        List<Membership> all = new ArrayList<>();
        for (Entry entry : appended()) {
            if (entry.kind() == EntryKind.CONFIGURATION) {
                all.clear();
                all.add(MembershipFormat.decode(entry.payload()));
            }
        }
        if (all.isEmpty() && founding != null) {
            all.add(founding.initial());
        }
        return all;
    }

    void syncOldest() {
        applyTo(entries, unsynced.removeFirst());
    }

    /** The write that was in flight may be half there, unless the store promises better. */
    void crash(SplittableRandom random) {
        int kept = random.nextInt(unsynced.size() + 1);
        for (int i = 0; i < kept; i++) {
            syncOldest();
        }
        if (!unsynced.isEmpty()) {
            tear(unsynced.getFirst(), random);
        }
        unsynced.clear();
    }

    private void tear(Effect.Persist write, SplittableRandom random) {
        int parts = random.nextInt(4 + write.entries().size());
        applyTo(
                entries,
                new Effect.Persist(
                        write.token(),
                        parts > 0 ? write.founding() : null,
                        parts > 1 ? write.hardState() : null,
                        parts > 2 ? write.truncateFrom() : 0,
                        parts > 3 ? write.entries().subList(0, parts - 3) : List.of()));
    }

    private void applyTo(List<Entry> log, Effect.Persist write) {
        if (log == entries) {
            founding = write.founding() != null ? write.founding() : founding;
            hardState = write.hardState() != null ? write.hardState() : hardState;
        }
        if (write.truncateFrom() != 0) {
            log.subList((int) write.truncateFrom() - 1, log.size()).clear();
        }
        for (Entry entry : write.entries()) {
            if (entry.index() != log.size() + 1) {
                throw new AssertionError(entry + " written after " + log.size() + " entries");
            }
            log.add(entry);
        }
    }

    /** The log as the store would read it now, synced or not. */
    List<Entry> appended() {
        List<Entry> log = new ArrayList<>(entries);
        for (Effect.Persist write : unsynced) {
            applyTo(log, write);
        }
        return log;
    }

    List<Entry> read(long from, int maxBytes) {
        List<Entry> log = appended();
        List<Entry> page = new ArrayList<>();
        long bytes = 0;
        for (int i = (int) from - 1; i < log.size(); i++) {
            bytes += log.get(i).weightBytes();
            if (!page.isEmpty() && bytes > maxBytes) {
                break;
            }
            page.add(log.get(i));
        }
        return page;
    }

    RecoveredReplica recovered(ReplicaId id) {
        List<LogPosition> terms = new ArrayList<>();
        long timestamp = 0;
        for (Entry entry : entries) {
            if (terms.isEmpty() || terms.get(terms.size() - 1).term() != entry.term()) {
                terms.add(entry.position());
            }
            timestamp = Math.max(timestamp, entry.timestampMillis());
        }
        return new RecoveredReplica(
                id,
                founding,
                hardState,
                null,
                LogPosition.ZERO,
                terms,
                entries.size(),
                timestamp,
                entries.stream().filter(e -> e.kind() == EntryKind.CONFIGURATION).toList());
    }
}
