package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.WrittenLog;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.PeerBoots;
import dev.lockstep.raft.spi.ReplicaWrite;
import dev.lockstep.raft.spi.SnapshotStore;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A log store whose writes and recoveries are compared with what was written and synced before. */
final class WatchedLogStore implements LogStore {
    private final SafetyChecker checker;
    private final NodeId node;
    private final LogStore store;

    /** Whether a vote was appended since the last sync. */
    private boolean votes;

    WatchedLogStore(SafetyChecker checker, NodeId node, LogStore store) {
        this.checker = checker;
        this.node = node;
        this.store = store;
    }

    @Override
    public HostIdentity identity() {
        return store.identity();
    }

    @Override
    public RecoveredReplica replica(GroupId group, boolean asWitness) throws IOException {
        RecoveredReplica recovered = store.replica(group, asWitness);
        checker.breachIfAny(checker.group(group).recovered(node, recovered));
        return recovered;
    }

    @Override
    public void makeReplicas(Map<GroupId, Boolean> asWitness) throws IOException {
        store.makeReplicas(asWitness);
    }

    @Override
    public void append(ReplicaWrite write) throws IOException {
        // Before it is done: a crash in the middle may leave it done.
        checker.breachIfAny(checker.group(write.group()).wrote(node, write));
        HardState hardState = write.hardState();
        try {
            store.append(write);
            votes |= hardState != null && hardState.vote() != null;
        } catch (DiskFullException e) {
            checker.group(write.group()).refused(node, store.written(write.group()));
            throw e;
        }
    }

    @Override
    public WrittenLog written(GroupId group) {
        return store.written(group);
    }

    @Override
    public @Nullable DiskFullException diskFull() {
        return store.diskFull();
    }

    @Override
    public void lookForRoom() throws IOException {
        store.lookForRoom();
    }

    @Override
    public void sync() throws IOException {
        store.sync();
        checker.synced(node);
        if (votes && store.diskFull() != null) {
            checker.hit("full disk: a vote is written");
        }
        votes = false;
    }

    @Override
    public List<Entry> read(GroupId group, long from, int maxBytes) throws IOException {
        List<Entry> entries = store.read(group, from, maxBytes);
        checker.breachIfAny(checker.group(group).read(node, entries));
        return entries;
    }

    @Override
    public PeerBoots peerBoots() {
        return store.peerBoots();
    }

    @Override
    public boolean isCopy(GroupId group, Entry entry) {
        return store.isCopy(group, entry);
    }

    @Override
    public List<GroupId> crowding() {
        return store.crowding();
    }

    @Override
    public boolean isFull() {
        return store.isFull();
    }

    @Override
    public boolean isFreeing() {
        return store.isFreeing();
    }

    @Override
    public SnapshotStore snapshots() {
        return store.snapshots();
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
