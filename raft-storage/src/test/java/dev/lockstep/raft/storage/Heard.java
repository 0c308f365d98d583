package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.GroupId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** What an inspection tells. */
final class Heard implements LogVisitor {
    final List<StoredRecord> records = new ArrayList<>();
    final List<StoredDamage> damages = new ArrayList<>();
    final List<Long> unfinished = new ArrayList<>();

    static Heard of(Disk disk, UUID host) throws IOException {
        Heard heard = new Heard();
        StorageInspection.walk(disk, host, heard);
        return heard;
    }

    @Override
    public void record(StoredRecord record) {
        records.add(record);
    }

    @Override
    public void damage(StoredDamage damage) {
        damages.add(damage);
    }

    @Override
    public void unfinished(String file, long offset) {
        unfinished.add(offset);
    }

    /** The record of an entry; fails when none is told. */
    StoredRecord entry(GroupId group, long index) {
        return records.stream()
                .filter(record -> record.kind().equals("ENTRY"))
                .filter(record -> record.group() == group.key() && record.index() == index)
                .findFirst()
                .orElseThrow();
    }
}
