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
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * One replica's disk: what is durable, and the ordered queue of writes that a crash may lose. A
 * crash keeps any prefix of that queue; of the write after it any prefix of its parts. Snapshots
 * are beside the log, each durable as soon as it is there.
 */
final class SimDisk {
    /** Whose it is, where that matters. */
    ReplicaId owner;

    private Founding founding;
    private HardState hardState = HardState.INITIAL;
    private final SimLog log;
    private final ArrayDeque<Effect.Persist> unsynced = new ArrayDeque<>();
    private final TreeMap<Long, SnapshotMeta> snapshots = new TreeMap<>();

    /** A log and what it begins behind. */
    private static final class SimLog {
        LogPosition base = LogPosition.ZERO;
        final List<Entry> entries = new ArrayList<>();

        SimLog copy() {
            SimLog copy = new SimLog();
            copy.base = base;
            copy.entries.addAll(entries);
            return copy;
        }

        long lastIndex() {
            return base.index() + entries.size();
        }

        boolean holds(LogPosition position) {
            long at = position.index() - base.index() - 1;
            return position.equals(base)
                    || (at >= 0
                            && at < entries.size()
                            && entries.get((int) at).position().equals(position));
        }

        void apply(Effect.Persist write) {
            if (write.truncateFrom() != 0) {
                if (write.truncateFrom() <= base.index() || write.truncateFrom() > lastIndex()) {
                    throw new AssertionError(
                            "truncation from "
                                    + write.truncateFrom()
                                    + " of "
                                    + base
                                    + "+"
                                    + entries);
                }
                entries.subList((int) (write.truncateFrom() - base.index()) - 1, entries.size())
                        .clear();
            }
            if (write.base() != null) {
                moveBase(write.base());
            }
            for (Entry entry : write.entries()) {
                if (entry.index() != lastIndex() + 1) {
                    throw new AssertionError(entry + " written after " + lastIndex());
                }
                entries.add(entry);
            }
        }

        void moveBase(LogPosition next) {
            if (!holds(next) && !(entries.isEmpty() && next.index() > base.index())) {
                throw new AssertionError("base to " + next + " of " + base + "+" + entries);
            }
            entries.removeIf(entry -> entry.index() <= next.index());
            base = next;
        }
    }

    SimDisk(Founding founding, HardState hardState, List<Entry> entries) {
        this(founding, hardState, new SimLog());
        log.entries.addAll(entries);
    }

    private SimDisk(Founding founding, HardState hardState, SimLog log) {
        this.founding = founding;
        this.hardState = hardState;
        this.log = log;
    }

    /** What is left of it when the process dies and nothing survives that wasn't synced. */
    SimDisk afterCrash() {
        SimDisk left = new SimDisk(founding, hardState, log.copy());
        left.snapshots.putAll(snapshots);
        return left;
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
        return log.entries;
    }

    LogPosition durableBase() {
        return log.base;
    }

    /** The index of the last durable entry, in the log or in a snapshot. */
    long durableIndex() {
        return Math.max(log.lastIndex(), snapshots.isEmpty() ? 0 : snapshots.lastKey());
    }

    /** The term of a durable entry; -1 when it isn't there, or no longer is. */
    long durableTermAt(long index) {
        long at = index - log.base.index() - 1;
        return at >= 0 && at < log.entries.size()
                ? log.entries.get((int) at).term()
                : index == log.base.index() ? log.base.term() : -1;
    }

    boolean holdsDurably(LogPosition position) {
        return log.holds(position)
                || position.index() < log.base.index()
                || (!snapshots.isEmpty() && position.index() <= snapshots.lastKey());
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

    void refuseUnsynced() {
        unsynced.clear();
    }

    void syncOldest() {
        apply(unsynced.removeFirst());
    }

    private void apply(Effect.Persist write) {
        founding = write.founding() != null ? write.founding() : founding;
        hardState = write.hardState() != null ? write.hardState() : hardState;
        log.apply(write);
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
        int parts = random.nextInt(5 + write.entries().size());
        apply(
                new Effect.Persist(
                        write.token(),
                        parts > 0 ? write.founding() : null,
                        parts > 1 ? write.hardState() : null,
                        parts > 2 ? write.truncateFrom() : 0,
                        parts > 3 ? write.base() : null,
                        List.of(),
                        parts > 4 ? write.entries().subList(0, parts - 4) : List.of()));
    }

    // ---- snapshots ----

    void publish(SnapshotMeta meta) {
        snapshots.put(meta.position().index(), meta);
    }

    void drop(LogPosition position) {
        SnapshotMeta meta = snapshots.get(position.index());
        if (meta == null || !meta.position().equals(position)) {
            throw new AssertionError("no snapshot of " + position + " in " + snapshots.keySet());
        }
        snapshots.remove(position.index());
    }

    /** The index of the newest durable snapshot; 0 when there is none. */
    long snapshotIndex() {
        return snapshots.isEmpty() ? 0 : snapshots.lastKey();
    }

    int snapshotCount() {
        return snapshots.size();
    }

    // ---- what a reader sees ----

    private SimLog appendedLog() {
        SimLog copy = log.copy();
        unsynced.forEach(copy::apply);
        return copy;
    }

    /** The log as the store would read it now, synced or not. */
    List<Entry> appended() {
        return appendedLog().entries;
    }

    LogPosition appendedBase() {
        return appendedLog().base;
    }

    List<Entry> read(long from, int maxBytes) {
        SimLog all = appendedLog();
        List<Entry> page = new ArrayList<>();
        long bytes = 0;
        for (int i = (int) Math.max(-1, from - all.base.index() - 1);
                i >= 0 && i < all.entries.size();
                i++) {
            bytes += all.entries.get(i).weightBytes();
            if (!page.isEmpty() && bytes > maxBytes) {
                break;
            }
            page.add(all.entries.get(i));
        }
        return page;
    }

    RecoveredReplica recovered(ReplicaId id) {
        Map.Entry<Long, SnapshotMeta> newest = snapshots.lastEntry();
        SnapshotMeta snapshot = newest == null ? null : newest.getValue();
        if (snapshot != null && !log.holds(snapshot.position())) {
            log.entries.clear();
            log.moveBase(snapshot.position());
        }
        if (snapshot != null && snapshot.position().term() > hardState.term()) {
            throw new AssertionError("a snapshot of " + snapshot.position() + " with " + hardState);
        }
        if (log.base.index() > snapshotIndex()) {
            throw new AssertionError("base " + log.base + " behind snapshots " + snapshots);
        }
        List<LogPosition> terms = new ArrayList<>();
        long timestamp = snapshot == null ? 0 : snapshot.timestampMillis();
        for (Entry entry : log.entries) {
            if (terms.isEmpty() || terms.get(terms.size() - 1).term() != entry.term()) {
                terms.add(entry.position());
            }
            timestamp = Math.max(timestamp, entry.timestampMillis());
        }
        return new RecoveredReplica(
                id,
                founding,
                hardState,
                snapshot,
                log.base,
                terms,
                log.lastIndex(),
                timestamp,
                log.entries.stream().filter(e -> e.kind() == EntryKind.CONFIGURATION).toList());
    }
}
