package dev.lockstep.raft.storage;

import java.io.IOException;

/**
 * What follows the last batch of a segment, up to the segment's end.
 *
 * @param verdict what it is
 * @param from the first block behind the last batch
 * @param until the block behind the last one that isn't blank; {@code from} when all are
 * @param bad the block that shows the rot; meaningful when {@code verdict} says so
 */
record Tail(Verdict verdict, int from, int until, int bad) {
    enum Verdict {
        /** Nothing was written there. */
        CLEAN,
        /** A batch of which some block was never written: its sync can't have returned. */
        TORN,
        /** Bytes that may have been synced and are not what they were. */
        ROTTEN
    }

    /**
     * Judges the blocks from {@code from} on, where no intact batch is and behind which none
     * begins.
     *
     * <p>Only one batch is in flight at a time, so all that a crash can leave here are blocks of
     * one batch that begins at {@code from}. That block must say so itself: it is blank, or it is
     * intact, and another block of the batch that it begins is blank. Where it is rotten, it may
     * have been a batch of its own, synced before what follows was begun. Where the segment's
     * header is damaged nothing is known to be intact, so nothing shows that no batch was ever
     * whole.
     */
    static Tail judge(SegmentReader reader, int from) throws IOException {
        int until = from;
        int firstBlank = Integer.MAX_VALUE;
        int firstBad = Integer.MAX_VALUE;
        for (int block = from; block < reader.segment().blocks(); block++) {
            Blocks.State state = reader.state(block);
            if (state == Blocks.State.BLANK) {
                firstBlank = Math.min(firstBlank, block);
            } else {
                until = block + 1;
            }
            if (state != Blocks.State.INTACT) {
                firstBad = Math.min(firstBad, block);
            }
        }
        int bad = firstBad < until ? firstBad : from;
        if (until == from) {
            return new Tail(Verdict.CLEAN, from, from, bad);
        }
        boolean torn = reader.segment().isUsable() && firstBlank < batchUntil(reader, from);
        return new Tail(torn ? Verdict.TORN : Verdict.ROTTEN, from, until, bad);
    }

    /** The end of the batch that provably begins at {@code from}; {@code from} when none does. */
    private static int batchUntil(SegmentReader reader, int from) throws IOException {
        return switch (reader.state(from)) {
            case BLANK -> from + 1;
            case INTACT -> reader.beginsBatch(from) ? from + 1 + reader.following(from) : from;
            case ROTTEN -> from;
        };
    }
}
