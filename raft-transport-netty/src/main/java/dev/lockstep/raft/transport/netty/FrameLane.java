package dev.lockstep.raft.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Frames of one urgency that wait for one peer's socket. Small ones are put together in one buffer,
 * so what waits takes about as much memory as it has bytes. A buffer holds whole frames.
 */
final class FrameLane {
    private static final int CHUNK_BYTES = 32 * 1024;

    private final Channel channel;
    private final long maxBytes;
    private final ArrayDeque<ByteBuf> full = new ArrayDeque<>();
    private @Nullable ByteBuf open;
    private long queuedTotal;
    private long writtenTotal;

    /**
     * @param maxBytes what {@link #hasRoomFor} goes by
     */
    FrameLane(Channel channel, long maxBytes) {
        this.channel = channel;
        this.maxBytes = maxBytes;
    }

    /** A single frame always has room. */
    boolean hasRoomFor(int size) {
        long queued = queuedTotal - writtenTotal;
        return queued == 0 || queued + size <= maxBytes;
    }

    /** Counts a frame of that size as queued, and returns where it is to be written. */
    ByteBuf room(int size) {
        queuedTotal += size;
        ByteBuf current = open;
        if (current != null && current.writableBytes() < size) {
            full.addLast(current);
            current = null;
        }
        if (current == null) {
            int capacity = Math.max(size, CHUNK_BYTES);
            current = channel.alloc().directBuffer(capacity, capacity);
            open = current;
        }
        return current;
    }

    boolean isEmpty() {
        return full.isEmpty() && open == null;
    }

    /** The frames that have waited longest, for the socket; null when there are none. */
    @Nullable ByteBuf poll() {
        ByteBuf next = full.pollFirst();
        if (next == null) {
            next = open;
            open = null;
        }
        return next;
    }

    /** The socket has taken so many bytes of what was polled. */
    void written(int size) {
        writtenTotal += size;
    }

    void discard() {
        for (ByteBuf chunk = poll(); chunk != null; chunk = poll()) {
            chunk.release();
        }
    }

    /** All bytes ever queued. */
    long queuedTotal() {
        return queuedTotal;
    }

    /** All bytes that the socket has taken. */
    long writtenTotal() {
        return writtenTotal;
    }
}
