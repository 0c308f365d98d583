package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.applied.Renumbering;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import dev.lockstep.raft.spi.SnapshotReader;
import dev.lockstep.raft.spi.SnapshotSection;
import dev.lockstep.raft.spi.SnapshotWriter;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes what one replica held into a store, as another replica or as the same. */
final class Transplant {
    private static final int PADDED_AT_ONCE = 10_000;

    private final LogStore target;
    private final GroupId group;
    private LogPosition last = LogPosition.ZERO;
    private long timestampMillis;

    Transplant(LogStore target, GroupId group) {
        this.target = target;
        this.group = group;
    }

    /** Everything stays as it was. */
    void keep(@Nullable Founding founding, HardState hardState, Content content)
            throws IOException {
        begin(founding, hardState);
        copy(content, new Renumbering(content.base(), 0, 0), null);
    }

    /**
     * Makes a group of its own of it, of which this replica is the only voter, and says so at the
     * end of the log.
     *
     * @param term above every term that the content knows, after the move
     * @param longestPromiseNanos is waited out as before
     * @param padding how many entries that do nothing are put behind the content
     * @param audit what was done, for whoever reads the log
     * @return the position of the entry that says so
     */
    LogPosition foundAnew(
            Content content,
            Renumbering renumbering,
            long term,
            long longestPromiseNanos,
            long padding,
            String audit)
            throws IOException {
        ReplicaId self = target.replica(group).id();
        Membership alone = Membership.ofVoters(List.of(self));
        begin(
                new Founding(UUID.randomUUID(), alone, true),
                new HardState(term, null, longestPromiseNanos));
        copy(content, renumbering, alone);
        long time = Math.max(System.currentTimeMillis(), timestampMillis);
        pad(padding, term, time);
        Entry said = new Entry(term, last.index() + 1, EntryKind.NO_OP, time, Payload.of(audit));
        Entry configuration =
                new Entry(
                        term,
                        last.index() + 2,
                        EntryKind.CONFIGURATION,
                        time,
                        MembershipFormat.encode(alone));
        append(List.of(said, configuration));
        return configuration.position();
    }

    private void begin(@Nullable Founding founding, HardState hardState) throws IOException {
        target.append(
                new ReplicaWrite(
                        group, founding, hardState.term() == 0 ? null : hardState, 0, List.of()));
        target.sync();
    }

    private void copy(Content content, Renumbering renumbering, @Nullable Membership membership)
            throws IOException {
        SnapshotMeta snapshot = content.snapshot();
        if (snapshot != null) {
            snapshot(content, moved(snapshot, renumbering, membership));
        }
        content.entries(
                entries -> {
                    List<Entry> moved = new ArrayList<>(entries.size());
                    for (Entry entry : entries) {
                        moved.add(renumbering.move(entry));
                    }
                    append(moved);
                });
    }

    private void pad(long padding, long term, long time) throws IOException {
        for (long left = padding; left > 0; left -= PADDED_AT_ONCE) {
            List<Entry> nothing = new ArrayList<>();
            for (long i = 1; i <= Math.min(left, PADDED_AT_ONCE); i++) {
                nothing.add(
                        new Entry(term, last.index() + i, EntryKind.NO_OP, time, Payload.EMPTY));
            }
            append(nothing);
        }
    }

    private static SnapshotMeta moved(
            SnapshotMeta meta, Renumbering renumbering, @Nullable Membership membership) {
        LogPosition position = renumbering.move(meta.position());
        return membership == null
                ? new SnapshotMeta(
                        position,
                        meta.configurationIndex(),
                        meta.membership(),
                        meta.timestampMillis(),
                        meta.byReference())
                : new SnapshotMeta(position, 0, membership, meta.timestampMillis());
    }

    private void snapshot(Content content, SnapshotMeta meta) throws IOException {
        target.snapshots().write(group, meta, out -> sections(content, out));
        target.append(new ReplicaWrite(group, null, null, 0, meta.position(), List.of()));
        target.sync();
        last = meta.position();
        timestampMillis = meta.timestampMillis();
    }

    private void sections(Content content, SnapshotWriter out) throws IOException {
        try (InputStream in = new BufferedInputStream(content.openSnapshot())) {
            SnapshotReader reader = new SnapshotReader(in, "the snapshot of group '" + group + "'");
            for (SnapshotSection section : SnapshotSection.values()) {
                OutputStream to = out.section(section);
                reader.section(section).transferTo(to);
            }
            reader.finish();
        }
    }

    private void append(List<Entry> entries) throws IOException {
        if (entries.isEmpty()) {
            return;
        }
        target.append(new ReplicaWrite(group, null, null, 0, entries));
        target.sync();
        Entry end = entries.get(entries.size() - 1);
        last = end.position();
        timestampMillis = Math.max(timestampMillis, end.timestampMillis());
    }
}
