package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes forward the few entries that keep old segments from being freed, such as those of groups
 * that have gone quiet (log cleaning, §5.3.1). A copy takes the place of its original once it is
 * durable; only then can the original's segment go.
 *
 * <p>It does so where little of the first segments is entries that are still needed, so the bytes
 * that it writes are a small part of those that were written before; and a little with each sync,
 * so that no sync takes much longer. Called by the log's writer.
 */
final class Cleaner {
    private static final Logger LOG = LoggerFactory.getLogger(Cleaner.class);
    private static final int STEP_BYTES = 256 << 10;

    /** Of a full log, or a segment, if those are smaller. */
    private static final int MOST_FULL_STEP_BYTES = 8 << 20;

    /** Each of them may be a read of its own. */
    private static final int STEP_ENTRIES = 1024;

    private final Replicas replicas;
    private final Segments segments;
    private final LogWriter writer;
    private final EntryReader reader;
    private final LogBound bound;
    private final RecordDraft draft = new RecordDraft();

    /**
     * What a full log copies with one sync, for which acknowledgements of all groups wait; and so
     * much of what stands in the first segments is copied before they are freed, unless one of them
     * holds more: so that the log grows by little before it shrinks, and indexes aren't looked
     * through for each of many segments with next to nothing in them.
     */
    private final int fullStepBytes;

    /** The last segment to be freed; 0 for none. */
    private long target;

    /**
     * Segments up to this one, at most the target, are being emptied or were; those behind it come
     * when the copies are durable.
     */
    private long stage;

    /** Who may have entries there. */
    private final ArrayDeque<ReplicaLog> pinning = new ArrayDeque<>();

    /** Those of the first of them are copied up to here. */
    private long next;

    /** The segment that was written to when segments were last looked through. */
    private long plannedIn;

    /** The segment that was written to when groups were last named. */
    private long askedIn;

    /** Written, and not known to be durable. */
    private final List<Copy> copies = new ArrayList<>();

    private record Copy(EntryIndex index, LogPosition entry, long place, int length) {}

    Cleaner(
            Replicas replicas,
            Segments segments,
            LogWriter writer,
            EntryReader reader,
            LogBound bound) {
        this.replicas = replicas;
        this.segments = segments;
        this.writer = writer;
        this.reader = reader;
        this.bound = bound;
        this.fullStepBytes = (int) Math.min(MOST_FULL_STEP_BYTES, bound.segmentBytes());
    }

    /** Looks for segments that are worth it. To be called when entries were dropped. */
    void plan() {
        plannedIn = writer.segment().sequence();
        if (replicas.live().first(plannedIn) == Place.segment(Place.LOST)) {
            return; // no segment is freed while an entry is lost
        }
        int part = bound.cleanedPart(segments.bytes());
        long freed = 0;
        long live = 0;
        long last = 0;
        for (Segment segment : segments.before(plannedIn)) {
            freed += segment.fileBytes();
            live += replicas.live().in(segment.sequence());
            if (live <= freed / part) {
                last = segment.sequence();
            }
        }
        if (last > target) {
            target = last;
            stage = 0;
            pinning.clear();
        }
    }

    /** Takes up the next segments with entries, up to the target. */
    private void beginStage() {
        long from = stage;
        long bytes = 0;
        stage = target;
        for (Segment segment : segments.before(target + 1)) {
            long live = segment.sequence() > from ? replicas.live().in(segment.sequence()) : 0;
            if (bytes > 0 && bytes + live > fullStepBytes) {
                stage = segment.sequence() - 1;
                break;
            }
            bytes += live;
        }
        next = 0;
        if (bytes > 0) {
            for (ReplicaLog replica : replicas.sorted()) {
                if (replica.index().hasUpTo(stage)) {
                    pinning.add(replica);
                }
            }
        }
    }

    /** Whether there is more to be copied than the last call of {@link #copy} did. */
    boolean hasMore() {
        return stage < target || !pinning.isEmpty();
    }

    /** Writes the next copies, behind all that was appended. */
    void copy() throws IOException {
        if (writer.segment().sequence() != plannedIn) {
            plan();
        }
        if (pinning.isEmpty() && copies.isEmpty() && stage < target) {
            beginStage();
        }
        int bytes = bound.isFull(segments.bytes()) ? fullStepBytes : STEP_BYTES;
        int entries = STEP_ENTRIES;
        while (bytes > 0 && entries > 0 && !pinning.isEmpty()) {
            ReplicaLog replica = pinning.element();
            Selection oldest =
                    replica.index().selectUpTo(stage, next, Math.min(bytes, STEP_BYTES), entries);
            if (oldest == null) {
                pinning.remove();
                next = 0;
                continue;
            }
            List<Entry> read = read(replica, oldest);
            for (Entry entry : read) {
                long place;
                try {
                    place = writer.writeEntry(draft.entry(replica.key(), entry));
                } catch (DiskFullException e) {
                    return; // the same ones are copied again when there is room
                }
                copies.add(new Copy(replica.index(), entry.position(), place, draft.length()));
                bytes -= draft.length();
                entries--;
            }
            next = oldest.index(read.size());
            if (read.isEmpty()) {
                giveUp();
            }
        }
    }

    /** No segment behind one that stays can be freed, so nothing in them is worth a copy. */
    private void giveUp() {
        stage = target;
        pinning.clear();
    }

    /**
     * Whose entries fill the older half of a log that comes near its bound; named once a segment,
     * or again and again while it is full; or where the disk is full, since what is freed is used
     * again.
     */
    List<GroupId> crowding(boolean diskFull) {
        long current = writer.segment().sequence();
        long used = segments.bytes();
        boolean crowded = diskFull || bound.isCrowded(used);
        List<Segment> old = segments.before(current);
        if (!crowded || old.isEmpty() || (askedIn == current && !bound.isFull(used))) {
            return List.of();
        }
        askedIn = current;
        long middle = old.get(old.size() / 2).sequence();
        List<GroupId> groups = new ArrayList<>();
        for (ReplicaLog replica : replicas.sorted()) {
            if (replica.index().hasUpTo(middle)) {
                groups.add(replica.group());
            }
        }
        return groups;
    }

    /** Those that were named are named again, though they are where they were. */
    void askAgain() {
        askedIn = 0;
    }

    /** Entries that can't be read stay where they are; whoever needs them is told. */
    private List<Entry> read(ReplicaLog replica, Selection oldest) {
        try {
            List<Entry> entries = reader.read(replica.key(), oldest);
            return Objects.requireNonNull(entries, "only this thread frees segments");
        } catch (IOException e) {
            LOG.warn(
                    "entries of group '{}' from {} on can't be written forward, so no segment before theirs is freed: {}",
                    replica.group(),
                    oldest.index(0),
                    e.toString());
            return List.of();
        }
    }

    /**
     * All that was written is durable.
     *
     * @return whether segments may have become free
     */
    boolean settle() {
        for (Copy copy : copies) {
            LogPosition entry = copy.entry();
            // Where there was no room for the sync, other changes may have come before this.
            if (copy.index().contains(entry.term(), entry.index())) {
                copy.index().relocate(entry.index(), copy.place(), copy.length());
            }
        }
        boolean any = !copies.isEmpty();
        copies.clear();
        return any;
    }
}
