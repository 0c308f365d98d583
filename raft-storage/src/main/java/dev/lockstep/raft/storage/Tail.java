package dev.lockstep.raft.storage;

import java.io.IOException;

/**
 * What follows the last intact batch of a segment, up to the segment's end.
 *
 * @param verdict what it is
 * @param from the first block behind the last intact batch
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
     * Judges the blocks from {@code from} on, where no intact batch begins.
     *
     * <p>Only one batch is in flight at a time, so all that a crash can leave here are blocks of
     * one batch that begins at {@code from}. The beginning of another one behind it proves that the
     * first was synced.
     */
    static Tail judge(SegmentReader reader, int from) throws IOException {
        int until = from;
        int firstBlank = Integer.MAX_VALUE;
        int firstBad = Integer.MAX_VALUE;
        int batchUntil = from + 1;
        boolean laterBatch = false;
        for (int block = from; block < reader.segment().blocks(); block++) {
            Blocks.State state = reader.state(block);
            if (state == Blocks.State.BLANK) {
                firstBlank = Math.min(firstBlank, block);
                firstBad = Math.min(firstBad, block);
                continue;
            }
            until = block + 1;
            if (state == Blocks.State.ROTTEN) {
                firstBad = Math.min(firstBad, block);
                continue;
            }
            // Any block of the batch says where the batch ends, so its extent is known though
            // others are missing.
            batchUntil = Math.max(batchUntil, until + reader.following(block));
            laterBatch |= block > from && reader.beginsBatch(block);
        }
        int bad = firstBad < until ? firstBad : from;
        if (until == from) {
            return new Tail(Verdict.CLEAN, from, from, bad);
        }
        boolean torn = !laterBatch && firstBlank < batchUntil;
        return new Tail(torn ? Verdict.TORN : Verdict.ROTTEN, from, until, bad);
    }
}
