package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.storage.LogVisitor;
import dev.lockstep.raft.storage.StoredDamage;
import dev.lockstep.raft.storage.StoredRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a walk through a log comes upon: its groups, its size, its damage. */
final class Survey implements LogVisitor {
    private final TreeMap<Long, GroupId> names = new TreeMap<>();
    private final TreeMap<Long, Long> lastEntries = new TreeMap<>();
    private final TreeSet<Long> keys = new TreeSet<>();
    private final List<StoredDamage> damages = new ArrayList<>();
    private final List<String> unfinished = new ArrayList<>();
    private long records;
    private long batches;
    private long batch;

    @Override
    public void record(StoredRecord record) {
        records++;
        if (record.batch() != batch) {
            batch = record.batch();
            batches++;
        }
        GroupId name = record.named();
        if (name != null) {
            names.put(record.group(), name);
        }
        if (record.group() != 0) {
            keys.add(record.group());
        }
        if (record.kind().equals("ENTRY")) {
            lastEntries.merge(record.group(), record.index(), Math::max);
        }
    }

    @Override
    public void damage(StoredDamage damage) {
        damages.add(damage);
    }

    @Override
    public void unfinished(String file, long offset) {
        unfinished.add(file + " at offset " + offset);
    }

    List<StoredDamage> damages() {
        return damages;
    }

    /** Where a crash interrupted a write, which the next open removes. */
    List<String> unfinished() {
        return unfinished;
    }

    /** Every group whose name stands somewhere in the log. */
    List<GroupId> groups() {
        return names.values().stream().sorted().toList();
    }

    /** Groups of which records are left and no name. */
    List<Long> nameless() {
        return keys.stream().filter(key -> !names.containsKey(key)).toList();
    }

    String name(long key) {
        GroupId name = names.get(key);
        return name != null ? "'" + name + "'" : String.format(Locale.ROOT, "with key %016x", key);
    }

    /**
     * The highest index of any entry of the group that is whole, dropped since or not; 0 for none.
     */
    long lastEntry(GroupId group) {
        return lastEntries.getOrDefault(group.key(), 0L);
    }

    long records() {
        return records;
    }

    long batches() {
        return batches;
    }
}
