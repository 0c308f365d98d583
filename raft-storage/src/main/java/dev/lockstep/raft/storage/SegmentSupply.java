package dev.lockstep.raft.storage;

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
            // Drawn and taken here, where the order is the same on every run.
            long generation = generation();
            String spare = spares.take();
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

    /**
     * Takes the next segment, waiting for it when need be, and replacing it when it is too small.
     */
    Segment take(long sequence, int atLeastBlocks) throws IOException {
        Segment ready = await();
        next = null;
        if (ready != null) {
            assert ready.sequence() == sequence
                    : ready.name() + " is ready, " + sequence + " is needed";
            if (ready.blocks() >= atLeastBlocks) {
                return ready;
            }
            ready.file().close();
        }
        return atLeastBlocks <= blocks
                ? maker.make(sequence, generation(), blocks, spares.take())
                : maker.make(sequence, generation(), atLeastBlocks, null);
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
