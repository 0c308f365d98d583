package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the whole log. Everything that may be refused is refused in the constructor, which changes
 * nothing; after that {@link #cut} removes the remains of a batch that a crash interrupted.
 *
 * <p>Segments are used one after the other, and the next is written to only when the last batch of
 * the one before is synced. So at most the last segment that was written to at all ends in a torn
 * batch; those after it were prepared and never used.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final Disk disk;
    private final List<Segment> segments;
    private final Replicas replicas = new Replicas();
    private final Replay replay;
    private final BatchScan scan;
    private final Tail tail;
    private final int tailSegment;
    private final boolean needsNewSegment;

    /** Whether something is lost where the log ends, or behind that. */
    private boolean lostAtEnd;

    private int current;
    private int nextBlock = 1;

    /**
     * @param segments all of the directory's, in sequence, with stand-ins for those that are lost;
     *     at least one
     * @param executor where is read ahead
     * @throws dev.lockstep.raft.model.StorageException when the log can't be taken up at all
     */
    Recovery(Disk disk, NodeId node, List<Segment> segments, Executor executor) throws IOException {
        this.disk = disk;
        this.segments = segments;
        long first = segments.get(0).sequence();
        this.replay = new Replay(node, replicas, first);
        this.scan = new BatchScan(disk, replay);
        SegmentReader reader = new SegmentReader(segments.get(0), executor);
        this.tailSegment = lastWritten(reader);
        for (int i = 0; i < tailSegment; i++) {
            Tail end = scan(reader.on(segments.get(i)), i);
            if (end.verdict() != Tail.Verdict.CLEAN) {
                scan.lose(reader, end.from(), end.until()); // a later segment holds something
                current = i; // nothing is written over it
                lostAtEnd = true;
            }
        }
        this.tail = scan(reader.on(segments.get(tailSegment)), tailSegment);
        if (tail.verdict() == Tail.Verdict.ROTTEN) {
            lostAtEnd = true;
            scan.lose(reader, tail.from(), tail.until()); // all of it was written, maybe synced
        }
        boolean allIsKnown = scan.end();
        boolean beginningIsKnown =
                replay.end(
                        new Loss(
                                Fault.Code.LOG_GAP,
                                Segment.name(first - 1)
                                        + " in "
                                        + disk
                                        + ": it is missing, while "
                                        + Segment.name(first)
                                        + " is there and needs it",
                                false));
        this.needsNewSegment =
                lostAtEnd
                        || replay.endsInCheckpoint()
                        || !allIsKnown
                        || !beginningIsKnown
                        || replicas.anyIsLost();
        refuseWhatMayBeReadableYet();
    }

    /** A disk that doesn't read now may do so later: nothing is given up for lost yet. */
    private void refuseWhatMayBeReadableYet() throws StorageException {
        List<Loss> losses = new ArrayList<>(replicas.losses());
        for (ReplicaLog replica : replicas.sorted()) {
            Loss fatal = replica.doubt().fatal();
            losses.addAll(fatal == null ? List.of() : List.of(fatal));
        }
        for (Loss each : losses) {
            if (each.unreadable()) {
                throw Refusal.unreadable(each);
            }
        }
    }

    /**
     * Gives each replica that can't go on as what it was a new beginning, in memory; it is durable
     * once the next segment's checkpoint is.
     */
    void beginAnew(RandomGenerator random) {
        long last = segments.get(segments.size() - 1).sequence();
        if (replicas.anyIsNewlyLost()) {
            replicas.keepForLost(last);
        }
        for (ReplicaLog replica : replicas.sorted()) {
            Loss loss = replica.doubt().fatal();
            if (loss != null) {
                BeganAnew why = new BeganAnew(loss, last);
                boolean asWitness = replica.id().isWitness();
                UUID incarnation = asWitness ? Uuids.drawForWitness(random) : Uuids.draw(random);
                ReplicaLog next = replica.anew(incarnation, why, replicas.live());
                replica.index().giveUp(); // what is kept of it is kept by its segments' numbers
                replicas.add(next);
                LOG.error(
                        "Group {} of this host begins anew: {}",
                        replica.group(),
                        loss.faultOf(replica.group()));
            }
        }
        replicas.setAfterDamage(true);
    }

    /**
     * Whether the log can't go on where it ends: behind what is damaged nothing more is written,
     * and a checkpoint must say what is known.
     */
    boolean needsNewSegment() {
        return needsNewSegment;
    }

    /** The segments that begin with a whole checkpoint. */
    NavigableSet<Long> checkpoints() {
        return replay.checkpoints();
    }

    Replicas replicas() {
        return replicas;
    }

    /** The segment of the last batch, where the next one goes if there is room. */
    Segment current() {
        return segments.get(current);
    }

    int nextBlock() {
        return nextBlock;
    }

    long nextBatchNumber() {
        return scan.nextNumber();
    }

    BatchPlace lastBatch() {
        return scan.last();
    }

    /** What the next batch repeats of the last one; maybe empty. */
    ByteBuffer lastDirectory() {
        return scan.lastDirectory();
    }

    /** The segment behind the current one, never used; null when none was prepared. */
    @Nullable Segment prepared() {
        Segment next = current + 1 < segments.size() ? segments.get(current + 1) : null;
        return next != null && next.isUsable() ? next : null;
    }

    /** The segments that hold the log, the current one last; some may be lost. */
    List<Segment> used() {
        return segments.subList(0, current + 1);
    }

    /** Segments behind the prepared one; they are made anew when their turn comes. */
    List<Segment> superfluous() {
        int first = current + (prepared() == null ? 1 : 2);
        return segments.subList(Math.min(first, segments.size()), segments.size());
    }

    /**
     * Makes durable what was recovered: a process that was killed may have written its last batch
     * and not synced it, and a replica promises on what it is told of here. It is written anew,
     * since a sync that failed then has left pages that look clean and aren't on the disk: to sync
     * those would do nothing. What a torn batch left behind is wiped: else its blocks would look
     * like a part of a later batch that is torn at the same place.
     */
    void settle() throws IOException {
        Segment segment = segments.get(tailSegment);
        if (tail.verdict() == Tail.Verdict.TORN) {
            cut(segment);
        }
        if (tail.verdict() != Tail.Verdict.ROTTEN && scan.last().segment() == segment.sequence()) {
            rewrite(segment, scan.last().block(), nextBlock);
        }
        segment.file().sync();
    }

    private void rewrite(Segment segment, int from, int until) throws IOException {
        Blocks copy = Blocks.direct(Math.min(SegmentReader.CHUNK_BLOCKS, until - from));
        for (int block = from; block < until; block += copy.count()) {
            int count = Math.min(copy.count(), until - block);
            readAgain(segment, block, count, copy);
            segment.file().write(copy.first(count), (long) block * Blocks.BYTES);
        }
    }

    /** What was whole a moment ago may be read badly now, and must not be written so. */
    private void readAgain(Segment segment, int block, int count, Blocks into) throws IOException {
        long position = (long) block * Blocks.BYTES;
        int whole = 0;
        String why = "it isn't what it was a moment ago";
        try {
            int read = segment.file().read(into.first(count), position) / Blocks.BYTES;
            while (whole < read
                    && into.state(whole, segment.generation(), block + whole)
                            == Blocks.State.INTACT) {
                whole++;
            }
        } catch (IOException e) {
            why = "the disk doesn't read what it read a moment ago: " + e.getMessage();
        }
        if (whole < count) {
            long offset = position + (long) whole * Blocks.BYTES;
            String where = segment.name() + " at offset " + offset + " in " + disk + ": ";
            throw Refusal.unreadable(new Loss(Fault.Code.STORAGE_FAILED, where + why, true));
        }
    }

    private void cut(Segment segment) throws IOException {
        LOG.info(
                "{} in {}: cut a batch at offset {}, which a crash interrupted before it was acknowledged",
                segment.name(),
                disk,
                (long) tail.from() * Blocks.BYTES);
        Blocks zeros =
                Blocks.direct(Math.min(SegmentReader.CHUNK_BLOCKS, tail.until() - tail.from()));
        for (int block = tail.from(); block < tail.until(); block += zeros.count()) {
            ByteBuffer part = zeros.first(Math.min(zeros.count(), tail.until() - block));
            segment.file().write(part, (long) block * Blocks.BYTES);
        }
    }

    private int lastWritten(SegmentReader reader) throws IOException {
        int last = segments.size() - 1;
        while (last > 0 && reader.on(segments.get(last)).isBlank()) {
            last--;
        }
        return last;
    }

    private Tail scan(SegmentReader reader, int i) throws IOException {
        int end = scan.run(reader);
        Tail found = Tail.judge(reader, end);
        if (end > 1 || found.verdict() == Tail.Verdict.ROTTEN) {
            current = i;
            nextBlock = end;
            lostAtEnd = false;
        }
        return found;
    }
}
