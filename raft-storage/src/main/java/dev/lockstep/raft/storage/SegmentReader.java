package dev.lockstep.raft.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;

/** Reads a segment's blocks in order, a chunk at a time. */
final class SegmentReader {
    static final int CHUNK_BLOCKS = (4 << 20) / Blocks.BYTES;

    private final Disk disk;
    private final Executor executor;
    private final Blocks chunk;
    private Segment segment;
    private ReadAhead file;
    private int chunkFrom;
    private int chunkUntil;

    /**
     * @param executor where the next chunk is read meanwhile
     */
    SegmentReader(Disk disk, Segment segment, Executor executor) {
        this.disk = disk;
        this.executor = executor;
        this.chunk = Blocks.direct(Math.min(CHUNK_BLOCKS, segment.blocks()));
        this.segment = segment;
        this.file = new ReadAhead(segment.file(), executor);
    }

    /** Reads another segment from now on. */
    SegmentReader on(Segment other) {
        segment = other;
        file = new ReadAhead(other.file(), executor);
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
            int read = file.read(chunk.first(count), (long) block * Blocks.BYTES);
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
