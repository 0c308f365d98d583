package dev.lockstep.raft.storage;

/**
 * Where a batch begins.
 *
 * @param segment the segment's sequence number; 0 before the first batch
 * @param block the block's number in the segment; 0 before the first batch
 */
record BatchPlace(long segment, int block) {
    static final BatchPlace NONE = new BatchPlace(0, 0);

    @Override
    public String toString() {
        return segment == 0 ? "the log's beginning" : Segment.name(segment) + " block " + block;
    }
}
