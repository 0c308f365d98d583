package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.storage.LogVisitor;
import dev.lockstep.raft.storage.StorageInspection;
import dev.lockstep.raft.storage.StoredDamage;
import dev.lockstep.raft.storage.StoredRecord;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Locale;

/** Prints the records of one group, in the order in which they were written. */
final class Dump implements LogVisitor {
    private final Terminal terminal;
    private final long key;
    private final long from;
    private final long to;
    private final boolean payload;
    private long records;
    private boolean whole = true;

    /**
     * @param from the first index of the entries to print; other records are printed when it is 0
     */
    Dump(Terminal terminal, GroupId group, long from, long to, boolean payload) {
        this.terminal = terminal;
        this.key = group.key();
        this.from = from;
        this.to = to;
        this.payload = payload;
    }

    /** Returns whether the log is whole. */
    boolean run(Directory directory) throws IOException {
        StorageInspection.walk(directory.view(), directory.identity().incarnation(), this);
        terminal.say("%d records", records);
        return whole;
    }

    @Override
    public void record(StoredRecord record) {
        boolean entry = record.kind().equals("ENTRY");
        if (record.group() != key
                || (entry ? record.index() < from || record.index() > to : from > 0)) {
            return;
        }
        records++;
        terminal.say(
                "%s:%d batch %d %s %d:%d %d bytes %08x %s",
                record.file(),
                record.offset(),
                record.batch(),
                record.kind(),
                record.term(),
                record.index(),
                record.bytes(),
                record.checksum(),
                record.says());
        if (payload && record.payload().size() > 0) {
            terminal.say("  %s", HexFormat.of().formatHex(record.payload().toByteArray()));
        }
    }

    @Override
    public void damage(StoredDamage damage) {
        whole = false;
        terminal.say(
                "%s:%d DAMAGED: %s%s",
                damage.file(),
                damage.offset(),
                damage.what(),
                damage.lost().isEmpty()
                        ? ""
                        : String.format(Locale.ROOT, ", %d records lost", damage.lost().size()));
    }

    @Override
    public void unfinished(String file, long offset) {
        terminal.say("%s:%d the remains of a write that a crash interrupted", file, offset);
    }
}
