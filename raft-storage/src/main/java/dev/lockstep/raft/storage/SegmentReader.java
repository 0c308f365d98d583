package dev.lockstep.raft.storage;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads a segment's blocks in order, a chunk at a time. */
final class SegmentReader {
    static final int CHUNK_BLOCKS = (1 << 20) / Blocks.BYTES;

    private final Disk disk;
    private final Blocks chunk;
    private Segment segment;
    private int chunkFrom;
    private int chunkUntil;

    SegmentReader(Disk disk, Segment segment) {
        this.disk = disk;
        this.chunk = Blocks.direct(Math.min(CHUNK_BLOCKS, segment.blocks()));
        this.segment = segment;
    }

    /** Reads another segment from now on. */
    SegmentReader on(Segment other) {
        segment = other;
        chunkFrom = 0;
        chunkUntil = 0;
        return this;
    }

    Segment segment() {
        return segment;
    }

    Blocks.State state(int block) throws IOException {
        return chunk.state(load(block), segment.generation(), block);
    }

    boolean beginsBatch(int block) throws IOException {
        return chunk.beginsBatch(load(block));
    }

    int following(int block) throws IOException {
        return chunk.following(load(block));
    }

    ByteBuffer data(int block) throws IOException {
        return chunk.data(load(block));
    }

    private int load(int block) throws IOException {
        if (block < chunkFrom || block >= chunkUntil) {
            int count = Math.min(chunk.count(), segment.blocks() - block);
            int read = segment.file().read(chunk.first(count), (long) block * Blocks.BYTES);
            if (read < count * Blocks.BYTES) {
                throw Refusal.gap(
                        disk, segment.name(), "it ends in block " + (block + read / Blocks.BYTES));
            }
            chunkFrom = block;
            chunkUntil = block + count;
        }
        return block - chunkFrom;
    }
}
