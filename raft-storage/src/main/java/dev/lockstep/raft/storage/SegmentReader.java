package dev.lockstep.raft.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.Executor;

/**
 * Reads a segment's blocks in order, a chunk at a time. What the file lacks, or the disk doesn't
 * read, counts as rotten: something may have been written there.
 */
final class SegmentReader {
    static final int CHUNK_BLOCKS = (4 << 20) / Blocks.BYTES;

    private final ReadAhead ahead;
    private Segment segment;
    private Blocks chunk;
    private int chunkFrom;
    private int chunkUntil;

    /** The chunk's blocks that aren't there, by their place in it. */
    private final BitSet missing = new BitSet();

    private boolean anyMissing;

    /** Those of them that the disk refused to read. */
    private final BitSet unreadable = new BitSet();

    /**
     * @param executor where the next chunk is read meanwhile
     */
    SegmentReader(Segment segment, Executor executor) {
        boolean isUsual = segment.isUsable(); // else those behind it may well be larger
        int blocks = isUsual ? Math.min(CHUNK_BLOCKS, segment.blocks()) : CHUNK_BLOCKS;
        this.ahead = new ReadAhead(segment.file(), blocks, executor);
        this.chunk = ahead.chunk();
        this.segment = segment;
    }

    /** Reads another segment from now on. */
    SegmentReader on(Segment other) {
        segment = other;
        ahead.on(other.file());
        chunkFrom = 0;
        chunkUntil = 0;
        return this;
    }

    Segment segment() {
        return segment;
    }

    Blocks.State state(int block) throws IOException {
        if (segment.state() == Segment.State.UNUSED) {
            return Blocks.State.BLANK;
        }
        int at = load(block);
        if (anyMissing && missing.get(at)) {
            return Blocks.State.ROTTEN;
        }
        Blocks.State state = chunk.state(at, segment.generation(), block);
        if (segment.isUsable()) {
            return state;
        }
        // Without a header nobody knows the generation, so only zeros are known to be nothing.
        boolean isZero = state == Blocks.State.BLANK && chunk.generation(at) == 0;
        return isZero ? Blocks.State.BLANK : Blocks.State.ROTTEN;
    }

    /** Whether nothing but the header was written in the segment's present use. */
    boolean isBlank() throws IOException {
        for (int block = 1; block < segment.blocks(); block++) {
            if (state(block) != Blocks.State.BLANK) {
                return false;
            }
        }
        return true;
    }

    /** Whether the disk refuses to read it, so that it may yet be there. */
    boolean isUnreadable(int block) throws IOException {
        return unreadable.get(load(block));
    }

    boolean beginsBatch(int block) throws IOException {
        return chunk.beginsBatch(load(block));
    }

    int following(int block) throws IOException {
        return chunk.following(load(block));
    }

    /** Puts a block's data behind what the buffer holds. */
    void dataTo(int block, ByteBuffer target) throws IOException {
        chunk.dataTo(load(block), target);
    }

    private int load(int block) throws IOException {
        if (block < chunkFrom || block >= chunkUntil) {
            int count = Math.min(chunk.count(), segment.blocks() - block);
            missing.clear();
            unreadable.clear();
            try {
                int read = ahead.read(block, count);
                chunk = ahead.chunk();
                missing.set(read / Blocks.BYTES, count);
            } catch (IOException e) {
                readSingly(block, count);
            }
            anyMissing = !missing.isEmpty();
            chunkFrom = block;
            chunkUntil = block + count;
        }
        return block - chunkFrom;
    }

    /** One bad sector must not cost its neighbours. */
    private void readSingly(int from, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            ByteBuffer one = chunk.first(i + 1).position(i * Blocks.BYTES);
            try {
                int read = segment.file().read(one, (long) (from + i) * Blocks.BYTES);
                missing.set(i, read < Blocks.BYTES);
            } catch (IOException e) {
                missing.set(i);
                unreadable.set(i);
            }
        }
    }
}
