package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.model.WrittenLog;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.PeerBoots;
import dev.lockstep.raft.spi.ReplicaWrite;
import dev.lockstep.raft.spi.SnapshotStore;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of all groups of one host, open. After the first failure of the disk every call fails
 * with its cause.
 */
final class SharedLog implements LogStore {
    private static final Logger LOG = LoggerFactory.getLogger(SharedLog.class);

    /** So many looks for room pass until crowding groups are named again. */
    private static final int LOOKS_TO_ASK_AGAIN = 16;

    private final Disk disk;
    private final Closeable lock;
    private final HostIdentity identity;
    private final Replicas replicas;
    private final Segments segments;
    private final SegmentSupply supply;
    private final LogBound bound;
    private final RandomGenerator random;
    private final PeerMemory peers;
    private final LogWriter writer;
    private final EntryReader reader;
    private final RecordDraft draft = new RecordDraft();
    private final SnapshotFiles snapshots;
    private final Cleaner cleaner;

    /** Whether entries were dropped since segments were last looked through. */
    private boolean mayFree;

    /** Needed no more, while its name isn't gone; null for none. */
    private @Nullable Segment freeing;

    private boolean isFreeingUnused;

    private int looks;

    private volatile @Nullable Throwable poison;

    SharedLog(
            Disk disk,
            Closeable lock,
            HostIdentity identity,
            Recovery recovery,
            SegmentSupply supply,
            LogBound bound,
            RandomGenerator random,
            PeerMemory peers) {
        this.disk = disk;
        this.lock = lock;
        this.identity = identity;
        this.replicas = recovery.replicas();
        this.segments = new Segments(recovery.used());
        this.supply = supply;
        this.random = random;
        this.peers = peers;
        this.writer = new LogWriter(recovery, segments, supply);
        this.snapshots =
                new SnapshotFiles(
                        disk,
                        new SnapshotRoom(
                                disk, bound.segmentBytes(), () -> bound.isFull(segments.bytes())));
        this.reader = new EntryReader(disk, segments);
        this.bound = bound;
        this.cleaner = new Cleaner(replicas, segments, writer, reader, bound);
    }

    /** After damage: what is known, and which replicas begin anew, is durable from here on. */
    void beginSegment() throws IOException {
        change(writer::beginSegment);
        replicas.setAfterDamage(false);
    }

    /** As {@link LogWriter#limitBatches}. */
    void limitBatches(int blocks) {
        writer.limitBatches(blocks);
    }

    @Override
    public HostIdentity identity() {
        return identity;
    }

    @Override
    public RecoveredReplica replica(GroupId group, boolean asWitness) throws IOException {
        checkUsable();
        change(writer::flush); // what a full disk kept back may be the group's
        ReplicaLog replica = replicas.find(group);
        if (replica == null) {
            replica = make(group, incarnation(asWitness));
            change(writer::flush);
        }
        if (replica.beganAnew() != null && replica.hardState().term() == 0) {
            snapshots.setAside(group); // of the replica before; this one has none yet
        }
        SnapshotMeta snapshot;
        try {
            snapshot = snapshots.recover(group, replica.index().base());
        } catch (StorageException e) {
            replica = beginAnew(replica, e);
            snapshot = null;
        }
        if (snapshot != null) {
            goOnBehind(snapshot, replica);
            dropLost(snapshot, replica);
        }
        return replica.recovered(snapshot);
    }

    @Override
    public void makeReplicas(Map<GroupId, Boolean> asWitness) throws IOException {
        checkUsable();
        for (Map.Entry<GroupId, Boolean> each : new TreeMap<>(asWitness).entrySet()) {
            if (replicas.find(each.getKey()) == null) {
                ReplicaLog unused = make(each.getKey(), incarnation(each.getValue()));
            }
        }
        change(writer::flush);
    }

    private UUID incarnation(boolean asWitness) {
        return asWitness ? Uuids.drawForWitness(random) : Uuids.draw(random);
    }

    /**
     * Makes replicas that were in another directory before, which no host will open again.
     *
     * @throws IllegalArgumentException when this directory was used before
     */
    void adopt(Map<GroupId, UUID> incarnations) throws IOException {
        checkUsable();
        if (identity.boot() != 1 || replicas.size() != 0) {
            throw new IllegalArgumentException(disk + " isn't new: a host was in it before");
        }
        for (Map.Entry<GroupId, UUID> each : new TreeMap<>(incarnations).entrySet()) {
            ReplicaLog unused = make(each.getKey(), each.getValue());
        }
        change(writer::flush);
    }

    /** It is durable after the next flush. */
    private ReplicaLog make(GroupId group, UUID incarnation) throws IOException {
        ReplicaLog made =
                new ReplicaLog(
                        group,
                        new ReplicaId(identity.node(), incarnation),
                        new EntryIndex(LogPosition.ZERO, replicas.live()));
        Loss loss = replicas.lostOf(group.key());
        if (loss != null) {
            made.setBeganAnew(new BeganAnew(loss, segments.last()));
        }
        change(
                () -> {
                    writer.write(draft.replica(made));
                    replicas.add(made); // a second record of the group may not follow
                });
        return made;
    }

    /** Without the state before it the log is of no use: the replica goes on as another. */
    private ReplicaLog beginAnew(ReplicaLog replica, StorageException why) throws IOException {
        if (why.fault().code() != Fault.Code.SNAPSHOT_CORRUPT) {
            throw why;
        }
        change(
                () -> { // where there is no room, nothing has changed yet
                    writer.flush();
                    supply.awaitNext();
                });
        boolean asWitness = replica.id().isWitness();
        UUID incarnation = incarnation(asWitness);
        Loss loss = new Loss(Fault.Code.SNAPSHOT_CORRUPT, why.fault().message(), false);
        ReplicaLog next =
                replica.anew(incarnation, new BeganAnew(loss, segments.last()), replicas.live());
        replica.index().giveUp();
        replicas.add(next);
        replicas.setAfterDamage(true);
        try {
            beginSegment();
        } catch (DiskFullException e) {
            poison = e; // the memory is ahead of the log
            throw failed(e);
        }
        snapshots.setAside(replica.group());
        LOG.error(
                "Group {} of this host begins anew: {}",
                replica.group(),
                loss.faultOf(replica.group()));
        return next;
    }

    /**
     * A snapshot is durable before the log is cut, and may be before the entries that it holds are.
     * So a crash can leave a log that ends before it or is in conflict with it, and of that nothing
     * is needed: the log goes on behind the snapshot.
     */
    private void goOnBehind(SnapshotMeta snapshot, ReplicaLog replica) throws IOException {
        LogPosition position = snapshot.position();
        if (position.term() > replica.hardState().term()) {
            throw Refusal.gap(
                    disk,
                    SnapshotName.published(replica.group(), position),
                    "it is of a later term than the log, which knows term "
                            + replica.hardState().term()
                            + " as the latest: the log is older than it was");
        }
        if (!replica.index().holds(position)) {
            long first = replica.index().base().index() + 1;
            boolean isEmpty = replica.index().last().index() < first;
            change(
                    () -> {
                        append(
                                replica,
                                new ReplicaWrite(
                                        replica.group(),
                                        null,
                                        null,
                                        isEmpty ? 0 : first,
                                        position,
                                        List.of()));
                        writer.flush();
                    });
        }
    }

    /** A snapshot stands for what is lost before it. */
    private void dropLost(SnapshotMeta snapshot, ReplicaLog replica) throws IOException {
        LogPosition last = null;
        for (LogPosition lost : replica.index().lost()) {
            last = lost.index() <= snapshot.position().index() ? lost : last;
        }
        if (last != null) {
            LogPosition base = last;
            change(
                    () -> {
                        append(
                                replica,
                                new ReplicaWrite(replica.group(), null, null, 0, base, List.of()));
                        writer.flush();
                    });
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException when what remains would not be a log: entries that don't
     *     follow, a term that goes back, a second vote, a truncation outside of the log. Nothing of
     *     the write is taken then
     */
    @Override
    public void append(ReplicaWrite write) throws IOException {
        checkUsable();
        ReplicaLog replica = replicas.get(write.group());
        WriteRules.check(replica, write);
        change(() -> append(replica, write));
    }

    @Override
    public void sync() throws IOException {
        checkUsable();
        change(
                () -> {
                    cleaner.copy();
                    writer.flush();
                    boolean copied = cleaner.settle();
                    boolean freed = (mayFree || copied || freeing != null) && freeSegments();
                    if (mayFree && freed) {
                        mayFree = false;
                        cleaner.plan();
                    }
                });
    }

    @Override
    public WrittenLog written(GroupId group) {
        ReplicaLog replica = replicas.get(group);
        EntryIndex index = replica.index();
        return new WrittenLog(
                replica.hardState(), index.base(), index.terms(), index.last().index());
    }

    @Override
    public @Nullable DiskFullException diskFull() {
        DiskFullException full = writer.full();
        return full != null ? full : supply.full();
    }

    @Override
    public void lookForRoom() throws IOException {
        checkUsable();
        supply.look();
        if (++looks % LOOKS_TO_ASK_AGAIN == 0) {
            cleaner.askAgain();
        }
    }

    /**
     * Gives up the segments of which nothing is needed any more. The name of each is gone, durably,
     * before the next, so that none is ever missing in the middle.
     *
     * @return false when the disk is read-only, or too full even for that
     */
    private boolean freeSegments() throws IOException {
        long needed = writer.firstNeeded();
        try {
            while (freeing != null || segments.first().sequence() < needed) {
                if (freeing == null) {
                    freeing = segments.first();
                    isFreeingUnused = segments.removeFirst();
                }
                free(freeing, isFreeingUnused);
                freeing = null;
            }
        } catch (DiskFullException e) {
            return false; // its name is there; it is given up before any other
        }
        return true;
    }

    private void free(Segment first, boolean unused) throws IOException {
        if (first.isMissing()) {
            return;
        }
        if (first.isUsable() && first.sequence() > replicas.keptUpTo()) {
            supply.free(first, unused && bound.maySpare(segments.bytes(), supply.spares()));
        } else {
            disk.rename(first.name(), Segment.KEPT_PREFIX + first.name());
            disk.syncDirectory();
        }
    }

    @Override
    public List<GroupId> crowding() {
        return cleaner.crowding(diskFull() != null);
    }

    @Override
    public boolean isFull() {
        return bound.isFull(segments.bytes());
    }

    @Override
    public boolean isFreeing() {
        return isFull() && cleaner.hasMore() && diskFull() == null;
    }

    @Override
    public PeerBoots peerBoots() {
        return peers;
    }

    @Override
    public SnapshotStore snapshots() {
        return snapshots;
    }

    @Override
    public List<Entry> read(GroupId group, long from, int maxBytes) throws IOException {
        checkUsable();
        ReplicaLog replica = replicas.get(group);
        return reader.read(replica.key(), replica.index(), from, maxBytes);
    }

    @Override
    public boolean isCopy(GroupId group, Entry entry) {
        ReplicaLog replica = replicas.get(group);
        return replica.index().holds(entry.position())
                && replica.doubt()
                        .allows(
                                entry.index(),
                                new RecordDraft().entry(replica.key(), entry).checksum());
    }

    @Override
    public void close() throws IOException {
        if (poison == null) {
            poison = new IllegalStateException("it was closed");
        }
        try (lock) {
            peers.close();
            supply.close();
            snapshots.close();
            segments.close();
        }
    }

    private void append(ReplicaLog replica, ReplicaWrite write) throws IOException {
        Founding founding = write.founding();
        if (founding != null) {
            writer.write(draft.founding(replica.key(), founding));
            replica.setFounding(founding);
        }
        HardState hardState = write.hardState();
        if (hardState != null) {
            writer.write(draft.hardState(replica.key(), hardState));
            replica.setHardState(hardState);
        }
        if (write.truncateFrom() > 0) {
            writer.write(draft.truncation(replica.key(), write.truncateFrom()));
            replica.truncate(write.truncateFrom());
        }
        LogPosition base = write.base();
        if (base != null) {
            writer.write(draft.base(replica.key(), base));
            replica.moveBase(base);
            mayFree = true;
        }
        EntryIndex index = replica.index();
        for (Entry copy : write.copies()) {
            long place = writer.writeEntry(draft.entry(replica.key(), copy));
            replica.saw(copy);
            // Nobody is told of it before it is synced, so nobody reads it before.
            index.relocate(copy.index(), place, draft.length());
        }
        List<Entry> entries = write.entries();
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            long place = writer.writeEntry(draft.entry(replica.key(), entry));
            replica.saw(entry);
            if (index.add(entry, place, draft.length())) {
                writer.awaitSync(index);
            }
        }
    }

    private interface Change {
        void run() throws IOException;
    }

    /**
     * Runs what changes the log. Whatever it throws, nobody knows any more what the disk holds; but
     * where there was no room, each record was taken or it wasn't, and the memory knows which.
     */
    private void change(Change change) throws IOException {
        try {
            change.run();
        } catch (DiskFullException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            poison = e;
            throw failed(e);
        } catch (Error e) {
            poison = e;
            throw e;
        }
    }

    private void checkUsable() throws StorageException {
        Throwable cause = poison;
        if (cause != null) {
            throw failed(cause);
        }
    }

    private StorageException failed(Throwable cause) {
        return new StorageException(
                new Fault(
                        Fault.Code.STORAGE_FAILED,
                        "the log in "
                                + disk
                                + " takes nothing more: "
                                + cause
                                + ". What wasn't acknowledged may or may"
                                + " not be on the disk, and nothing is tried again, since after a failed sync the disk"
                                + " may have dropped what it failed to write. Check the disk, then restart: what was"
                                + " acknowledged is recovered."),
                cause);
    }
}
