package dev.lockstep.raft.benchmarks;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import dev.lockstep.raft.storage.FileStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The production log in a directory of its own, and one group that writes to it. */
final class BenchedLog implements AutoCloseable {
    private static final long TERM = 1;

    /** So much log is kept behind what is cut, so that files of segments are used again. */
    private static final long KEPT_BYTES = 160L << 20;

    private final LogStore store;
    private final GroupId group;
    private long last;
    private long base;
    private long bytesSinceCut;

    BenchedLog(Path directory, String name) throws IOException {
        store = open(directory);
        group = GroupId.of(name);
        last = store.replica(group).lastIndex();
        base = store.replica(group).base().index();
        if (last == 0) {
            store.append(new ReplicaWrite(group, null, new HardState(TERM, null), 0, List.of()));
            store.sync();
        }
    }

    static LogStore open(Path directory) throws IOException {
        return FileStorage.in(directory).open(new ClusterId("bench"), NodeId.of("n1"));
    }

    static Payload payload(int bytes) {
        byte[] random = new byte[bytes];
        new Random(bytes).nextBytes(random);
        return Payload.wrap(random);
    }

    LogStore store() {
        return store;
    }

    /** Appends entries with this payload, and returns when they are durable. */
    void append(Payload payload, int count) throws IOException {
        List<Entry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            entries.add(new Entry(TERM, ++last, EntryKind.COMMAND, last, payload));
        }
        store.append(new ReplicaWrite(group, null, null, 0, entries));
        store.sync();
        bytesSinceCut += (long) count * payload.size();
    }

    /** Cuts the log in its middle when there is enough of it, as snapshots do. */
    void cutIfLong() throws IOException {
        if (bytesSinceCut > KEPT_BYTES) {
            bytesSinceCut -= KEPT_BYTES / 2;
            base += (last - base) / 2;
            store.append(
                    new ReplicaWrite(group, null, null, 0, new LogPosition(TERM, base), List.of()));
            store.sync();
        }
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
