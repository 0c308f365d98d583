package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.StorageException;
import java.nio.ByteBuffer;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Rebuilds the replicas from the log's records, and refuses records that no correct writer can have
 * written.
 *
 * <p>Where records are lost, a replica may come to be in doubt ({@link Doubt}): what follows is
 * then no longer applied to it, until a checkpoint says anew all that there is to know of it.
 */
final class Rebuilding {
    private final NodeId node;
    private final Replicas replicas;
    private final long firstSegment;
    private final TreeSet<Long> checkpoints = new TreeSet<>();
    private long segment;

    /** Whose record came last, and will most likely come next. */
    private @Nullable ReplicaLog latest;

    /** Whether the records of the present segment's checkpoint are still coming. */
    private boolean inCheckpoint;

    private boolean checkpointIsWhole;

    /** Whether the first segment has told, or is known to have told, which replicas there are. */
    private boolean beginsWithCheckpoint;

    /** Of whose replicas the present checkpoint tells. */
    private final TreeSet<Long> saidHere = new TreeSet<>();

    /** Whose replicas the present checkpoint has made or made anew, so that all of it is news. */
    private final TreeSet<Long> builtHere = new TreeSet<>();

    /** Of which the present checkpoint says that nothing is left but the key. */
    private final TreeMap<Long, Loss> keysHere = new TreeMap<>();

    /** Whose REPLICA record in the present checkpoint is lost. */
    private final TreeSet<Long> lostHere = new TreeSet<>();

    Rebuilding(NodeId node, Replicas replicas, long firstSegment) {
        this.node = node;
        this.replicas = replicas;
        this.firstSegment = firstSegment;
    }

    NavigableSet<Long> checkpoints() {
        return checkpoints;
    }

    /** What comes now stands in that segment. */
    void in(long sequence) {
        if (sequence != segment) {
            segment = sequence;
            inCheckpoint = sequence > 1;
            checkpointIsWhole = true;
            saidHere.clear();
            builtHere.clear();
            lostHere.clear();
            keysHere.clear();
        }
    }

    /** Whether the segment that came last doesn't tell all that those before it told. */
    boolean endsInCheckpoint() {
        return inCheckpoint;
    }

    void record(RecordHead head, ByteBuffer body, long place) throws Damage, StorageException {
        if (head.kind() == RecordKind.REPLICA) {
            replica(head, body);
        } else if (head.kind() == RecordKind.CHECKPOINT_END) {
            checkpointEnd(head);
        } else if (head.kind() == RecordKind.LOST) {
            lostBefore(head);
        } else if (!isUnsure(head.group())) {
            apply(head, body, place);
            if (body.hasRemaining()) {
                throw new Damage(body.remaining() + " bytes too many in " + head);
            }
        }
    }

    private void apply(RecordHead head, ByteBuffer body, long place)
            throws Damage, StorageException {
        ReplicaLog replica = known(head);
        switch (head.kind()) {
            case FOUNDING -> {
                replica.setFounding(Bodies.founding(body));
                replica.doubt().foundingIsKnown();
            }
            case HARD_STATE -> {
                HardState next = new HardState(head.term(), Bodies.vote(body), body.getLong());
                demand(ReplicaLog.refusal(replica.hardState(), next));
                replica.setHardState(next);
                replica.doubt().hardStateIsKnown();
            }
            case TRUNCATE -> {
                demand(replica.refusal(head.index()));
                replica.truncate(head.index());
            }
            case BASE -> {
                LogPosition base = new LogPosition(head.term(), head.index());
                demand(replica.refusal(replica.index().last(), base));
                replica.moveBase(base);
            }
            case ENTRY -> {
                // One that the log holds already, the same by Log Matching, is a copy.
                if (replica.index().contains(head.term(), head.index())) {
                    replica.index().relocate(head.index(), place, head.length());
                    replica.doubt().entryIsKnown(head.index());
                } else {
                    demandNext(replica, head);
                    replica.index().add(head.term(), place, head.length());
                }
                entry(replica, head, body);
            }
            case REPLICA, CHECKPOINT_END, LOST -> throw new AssertionError(head);
        }
    }

    /** A record of which nothing is left but what the directory says. */
    void lost(RecordHead head, Loss why) throws Damage, StorageException {
        long key = head.group();
        if (head.kind() == RecordKind.CHECKPOINT_END) {
            checkpointEnd(head); // it says no more than this
            return;
        }
        if (head.kind() == RecordKind.LOST) {
            lostBefore(head);
            return;
        }
        checkpointIsWhole &= !inCheckpoint;
        if (isUnsure(key)) {
            return;
        }
        ReplicaLog replica = find(key);
        boolean isRepeated = inCheckpoint && segment > firstSegment && !builtHere.contains(key);
        switch (head.kind()) {
            case TRUNCATE, BASE -> apply(head, ByteBuffer.allocate(0), 0);
            case ENTRY -> lostEntry(known(head), head, why);
            case HARD_STATE -> {
                if (!isRepeated) {
                    HardState before = known(head).hardState();
                    demand(
                            head.term() >= before.term()
                                    ? null
                                    : "the hard state's term would go back");
                    if (head.term() > before.term()) {
                        known(head).setHardState(before.withTerm(head.term()));
                    }
                    known(head).doubt().hardState(why);
                }
            }
            case FOUNDING -> {
                if (!isRepeated) {
                    known(head).doubt().founding(why);
                }
            }
            case REPLICA -> {
                if (replica == null) {
                    replicas.lost(key, why);
                } else {
                    lostHere.add(key);
                }
            }
            case CHECKPOINT_END, LOST -> throw new AssertionError(head);
        }
    }

    private static void lostEntry(ReplicaLog replica, RecordHead head, Loss why) throws Damage {
        if (!replica.index().contains(head.term(), head.index())) {
            demandNext(replica, head);
            replica.index().add(head.term(), Place.LOST, head.length());
        } else if (!replica.index().isLost(head.index())) {
            return; // only a copy is lost
        }
        replica.doubt().entry(head, why);
    }

    private static void demandNext(ReplicaLog replica, RecordHead head) throws Damage {
        demand(
                ReplicaLog.refusal(
                        replica.index().last(), replica.hardState(), head.term(), head.index()));
    }

    void lostUnknown(Loss why) {
        checkpointIsWhole &= !inCheckpoint;
        replicas.lostUnknown(why);
    }

    /**
     * @param beforeFirst what is said of what stood in segments before the first
     * @return whether it is known which replicas there are, as far as those segments told
     */
    boolean end(Loss beforeFirst) {
        boolean isKnown = firstSegment == 1 || beginsWithCheckpoint || !checkpoints.isEmpty();
        if (!isKnown) {
            replicas.lostUnknown(beforeFirst); // no segment is freed before a checkpoint is durable
        }
        for (ReplicaLog replica : replicas.sorted()) {
            if (replica.index().lost().isEmpty()) {
                replica.doubt().entriesAreKnown(); // those that were lost have left the log since
            } else {
                replica.doubt().entries(beforeFirst);
            }
        }
        return isKnown;
    }

    private @Nullable ReplicaLog find(long key) {
        if (latest == null || latest.key() != key) {
            latest = replicas.find(key);
        }
        return latest;
    }

    private boolean isUnsure(long key) {
        ReplicaLog replica = find(key);
        return replica == null ? replicas.mayHaveLost(key) : replica.doubt().isOfEverything();
    }

    private void checkpointEnd(RecordHead head) throws Damage {
        boolean afterDamage = (head.term() & RecordDraft.AFTER_DAMAGE) != 0;
        Loss others =
                (head.term() & RecordDraft.GROUPS_LOST) == 0
                        ? null
                        : new Loss(
                                Fault.Code.LOG_GAP,
                                "this log was damaged before, and nobody knows which groups lived in it",
                                false);
        if (checkpointIsWhole) {
            forgetThoseGivenUp(others != null);
            demand(
                    head.index() == replicas.size()
                            ? null
                            : "the checkpoint lists "
                                    + head.index()
                                    + " replicas of "
                                    + replicas.size());
            checkpoints.add(segment);
            replicas.allKnown(keysHere, others);
        } else if (others != null) {
            replicas.mayHaveOthers(others);
        }
        for (long key : lostHere) {
            ReplicaLog replica = find(key);
            if (afterDamage && replica != null) {
                // It may have begun anew here, and must not come back as what it was.
                replica.doubt()
                        .everything(
                                new Loss(
                                        Fault.Code.LOG_CORRUPT,
                                        Segment.name(segment)
                                                + ": what the checkpoint after an earlier damage said is lost",
                                        false));
            }
        }
        inCheckpoint = false;
        beginsWithCheckpoint |= segment == firstSegment;
    }

    /** Those that are read here, and were lost to whoever wrote the checkpoint. */
    private void forgetThoseGivenUp(boolean ofAnyKey) {
        for (ReplicaLog replica : replicas.sorted()) {
            boolean wasGivenUp = ofAnyKey || keysHere.containsKey(replica.key());
            if (wasGivenUp && !saidHere.contains(replica.key())) {
                replica.index().giveUp();
                replicas.remove(replica);
                latest = null;
            }
        }
    }

    private void lostBefore(RecordHead head) {
        replicas.keepForLost(head.index());
        keysHere.put(head.group(), Replicas.SAID_BEFORE);
        if (find(head.group()) == null) {
            replicas.lost(head.group(), Replicas.SAID_BEFORE);
        }
    }

    private void replica(RecordHead head, ByteBuffer body) throws Damage {
        ReplicaRecord said = ReplicaRecord.read(head, body);
        if (body.hasRemaining()) {
            throw new Damage(body.remaining() + " bytes too many in " + head);
        }
        if (inCheckpoint) {
            saidHere.add(head.group());
        }
        ReplicaLog replica = find(head.group());
        boolean beganAnew =
                replica != null
                        && said.beganAnew() != null
                        && !said.incarnation().equals(replica.id().incarnation());
        if (replica == null || beganAnew || replica.doubt().isOfEverything()) {
            boolean describes =
                    replica != null
                            || replicas.mayHaveLost(head.group())
                            || (firstSegment > 1 && !checkpoints.contains(firstSegment));
            replica = made(said, describes, replica);
            replicas.add(replica);
            latest = replica;
            builtHere.add(replica.key());
        }
        if (replica.doubt().isOfEntries()) {
            replica.sawTimestamp(said.lastTimestampMillis()); // an entry's that is lost
        }
        String expected = said.summary(replica.lastTimestampMillis());
        if (!expected.equals(replica.summary())) {
            throw new Damage(
                    "group '"
                            + said.group()
                            + "' is said to be "
                            + expected
                            + "; read before was "
                            + replica.summary());
        }
    }

    /**
     * @param describes whether there are entries that this is the only record of
     * @param before the replica as far as it was read; null when it wasn't
     */
    private ReplicaLog made(ReplicaRecord said, boolean describes, @Nullable ReplicaLog before) {
        ReplicaLog made =
                new ReplicaLog(
                        said.group(),
                        new ReplicaId(node, said.incarnation()),
                        describes
                                ? new EntryIndex(
                                        said.base(), said.terms(), said.last(), replicas.live())
                                : new EntryIndex(said.base(), replicas.live()));
        made.sawTimestamp(said.lastTimestampMillis());
        made.setBeganAnew(said.beganAnew());
        if (before != null && before.id().equals(made.id())) {
            made.takePlaces(before);
            made.doubt().entriesLostWith(before.doubt());
            made.doubt().keepOnlyOf(made.index(), before.index());
        }
        if (before != null) {
            before.index().giveUp();
        }
        return made;
    }

    private static void entry(ReplicaLog replica, RecordHead head, ByteBuffer body)
            throws StorageException {
        int code = body.get();
        long timestampMillis = body.getLong();
        replica.sawTimestamp(timestampMillis);
        EntryKind kind;
        try {
            kind = EntryKind.ofCode(code);
        } catch (IllegalArgumentException e) {
            throw new StorageException(
                    new Fault(
                            Fault.Code.INCOMPATIBLE_VERSION,
                            "entry "
                                    + head.term()
                                    + ":"
                                    + head.index()
                                    + " of group '"
                                    + replica.group()
                                    + "': "
                                    + e.getMessage()
                                    + ". Nothing was changed. Open it with the version that wrote it."),
                    e);
        }
        if (kind == EntryKind.CONFIGURATION) {
            byte[] payload = new byte[body.remaining()];
            body.get(payload);
            replica.saw(
                    new Entry(
                            head.term(),
                            head.index(),
                            kind,
                            timestampMillis,
                            Payload.wrap(payload)));
        }
        body.position(body.limit());
    }

    private ReplicaLog known(RecordHead head) throws Damage {
        ReplicaLog replica = find(head.group());
        if (replica == null) {
            throw new Damage("no replica record came before " + head);
        }
        return replica;
    }

    private static void demand(@Nullable String refusal) throws Damage {
        if (refusal != null) {
            throw new Damage(refusal);
        }
    }
}
