package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.spi.LogStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a replica holds: its newest snapshot, if it has one, and the entries behind that. */
interface Content {
    /** Null when there is none, and the entries begin with the first of all. */
    @Nullable SnapshotMeta snapshot();

    /** The bytes of the snapshot's file. */
    InputStream openSnapshot() throws IOException;

    /** Hands out all entries behind the snapshot, in order. */
    void entries(Taker taker) throws IOException;

    /** Takes entries, some at a time. */
    interface Taker {
        void take(List<Entry> entries) throws IOException;
    }

    /** The position that the entries begin behind. */
    default LogPosition base() {
        SnapshotMeta snapshot = snapshot();
        return snapshot == null ? LogPosition.ZERO : snapshot.position();
    }

    /**
     * What a store holds of a group.
     *
     * @param last the index of the last entry to be handed out
     */
    static Content of(LogStore store, GroupId group, RecoveredReplica replica, long last) {
        return new Content() {
            private static final int READ_BYTES = 1 << 20;

            @Override
            public @Nullable SnapshotMeta snapshot() {
                return replica.snapshot();
            }

            @Override
            public InputStream openSnapshot() throws IOException {
                return store.snapshots().open(group, id(store, group, replica));
            }

            @Override
            public void entries(Taker taker) throws IOException {
                for (long next = base().index() + 1; next <= last; ) {
                    List<Entry> read = store.read(group, next, READ_BYTES);
                    int count = (int) Math.min(read.size(), last - next + 1);
                    taker.take(read.subList(0, count));
                    next += count;
                }
            }
        };
    }

    private static SnapshotId id(LogStore store, GroupId group, RecoveredReplica replica)
            throws IOException {
        SnapshotMeta wanted = replica.snapshot();
        for (SnapshotId id : store.snapshots().list(group)) {
            if (wanted != null && id.position().equals(wanted.position())) {
                return id;
            }
        }
        throw new Refused("the snapshot of group '" + group + "' is gone");
    }
}
