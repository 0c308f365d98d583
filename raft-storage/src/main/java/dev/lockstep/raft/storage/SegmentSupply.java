package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.DiskFullException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Has the next segment ready before it is needed. Called by the log's writer; the work is done by
 * an executor.
 */
final class SegmentSupply {
    private final SegmentMaker maker;
    private final Spares spares;
    private final int blocks;
    private final RandomGenerator random;
    private final Executor executor;
    private @Nullable CompletableFuture<Segment> next;

    /** The sequence number of {@link #next}, and the spare file that it is made of, if of one. */
    private long nextSequence;

    private @Nullable String nextSpare;

    /** Why a segment couldn't be made, until {@link #look} finds that one can. */
    private @Nullable DiskFullException full;

    /** The size of the segment that couldn't be made last, when it was to be a larger one. */
    private int largerBlocks;

    /** The last segment that was taken; what is made comes behind it. */
    private long lastTaken;

    /**
     * @param spares files of that size
     * @param blocks the size of an ordinary segment
     * @param executor where segments are made ahead; the caller's thread in simulation
     */
    SegmentSupply(
            SegmentMaker maker,
            Spares spares,
            int blocks,
            RandomGenerator random,
            Executor executor) {
        this.maker = maker;
        this.spares = spares;
        this.blocks = blocks;
        this.random = random;
        this.executor = executor;
    }

    int ordinaryBlocks() {
        return blocks;
    }

    /** How many files are kept to be used again. */
    int spares() {
        return spares.size();
    }

    /** Returns once the segment's name is gone, durably; its file may become another segment. */
    void free(Segment segment, boolean mayReuse) throws IOException {
        spares.free(segment, mayReuse);
    }

    /** Gives back a segment that was prepared in an earlier life and never used. */
    void offer(Segment prepared) {
        next = CompletableFuture.completedFuture(prepared);
    }

    /** Starts to make the segment with this number, unless one is already made or being made. */
    void prepare(long sequence) {
        if (next == null) {
            assert sequence > lastTaken : sequence + " is in use, up to " + lastTaken;
            // Drawn and taken here, where the order is the same on every run.
            long generation = generation();
            String spare = spares.take();
            nextSequence = sequence;
            nextSpare = spare;
            next =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return maker.make(sequence, generation, blocks, spare);
                                } catch (IOException e) {
                                    throw new CompletionException(e);
                                }
                            },
                            executor);
        }
    }

    /** Whether the next segment is there, or is being made, or couldn't be. */
    boolean hasNext() {
        return next != null;
    }

    /**
     * Waits until the next segment is there, if it was asked for.
     *
     * @throws DiskFullException when there is no room for it
     */
    void awaitNext() throws IOException {
        Segment unused = await();
    }

    /**
     * Takes the next segment, waiting for it when need be, and replacing it when it is too small.
     *
     * @throws DiskFullException when there is no room for it; what is ready stays
     */
    Segment take(long sequence, int atLeastBlocks) throws IOException {
        Segment ready = await();
        if (ready != null) {
            assert ready.sequence() == sequence
                    : ready.name() + " is ready, " + sequence + " is needed";
            if (ready.blocks() >= atLeastBlocks) {
                next = null;
                lastTaken = sequence;
                return ready;
            }
        }
        Segment made = make(sequence, atLeastBlocks);
        next = null;
        lastTaken = sequence;
        if (ready != null) {
            ready.file().close();
        }
        return made;
    }

    private Segment make(long sequence, int atLeastBlocks) throws IOException {
        String spare = atLeastBlocks <= blocks ? spares.take() : null;
        try {
            return maker.make(sequence, generation(), Math.max(blocks, atLeastBlocks), spare);
        } catch (DiskFullException e) {
            full = e;
            largerBlocks = atLeastBlocks > blocks ? atLeastBlocks : 0;
            if (spare != null) {
                spares.giveBack(spare);
            }
            throw e;
        }
    }

    /** Why the next segment couldn't be made; null when it could, or isn't known not to be. */
    @Nullable DiskFullException full() {
        noteFailure();
        return full;
    }

    /** Tries again what there was no room for, and finds out whether there was this time. */
    void look() throws IOException {
        noteFailure();
        if (full == null) {
            return;
        }
        if (next == null || next.isDone() && !next.isCompletedExceptionally()) {
            if (largerBlocks == 0 || maker.hasRoomFor(largerBlocks)) {
                full = null; // the next one is there, or hasn't been asked for yet
                largerBlocks = 0;
            }
        } else if (next.isDone()) {
            if (nextSpare != null) {
                spares.giveBack(nextSpare);
            }
            next = null;
            prepare(nextSequence);
        }
    }

    private void noteFailure() {
        if (next != null && next.isCompletedExceptionally()) {
            try {
                Segment unused = await();
            } catch (IOException | CompletionException e) {
                return; // whoever needs the segment hears of it
            }
        }
    }

    /** Waits until nothing is made any more, so that the directory can be given up. */
    void close() throws IOException {
        Segment ready;
        try {
            ready = await();
        } catch (IOException e) {
            // Nothing of the log depends on a segment that nobody used; the next open removes what
            // is left of it.
            ready = null;
        }
        next = null;
        if (ready != null) {
            ready.file().close();
        }
    }

    private @Nullable Segment await() throws IOException {
        if (next == null) {
            return null;
        }
        try {
            return next.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof DiskFullException noRoom) {
                full = noRoom;
                throw noRoom;
            }
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private long generation() {
        long drawn = random.nextLong();
        return drawn != 0 ? drawn : 1;
    }
}
