package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.spi.Envelope;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * The frames that wait for one peer's socket. Small ones are put together in one buffer, so that
 * all that is queued between two flushes leaves in one system call. While the socket takes nothing
 * more, the buffer just goes on filling: a slow peer gets fewer, larger writes, and what waits
 * takes about as much memory as it has bytes.
 */
final class OutboundQueue {
    private static final int CHUNK_BYTES = 32 * 1024;

    private final Channel channel;
    private final FrameEncoder encoder;
    private final long maxQueuedBytes;

    private @Nullable ByteBuf open;
    private int writes; // given to the channel, not yet to the socket
    private int unflushed; // those of them that the channel holds back until it is flushed
    private long queuedTotal;
    private long writtenTotal;

    OutboundQueue(Channel channel, FrameEncoder encoder, long maxQueuedBytes) {
        this.channel = channel;
        this.encoder = encoder;
        this.maxQueuedBytes = maxQueuedBytes;
    }

    /**
     * Queues the envelope that {@code encoder} has just measured.
     *
     * @return false when too much is queued already; a single frame is always taken
     */
    boolean offer(Envelope envelope, int size) {
        long queued = queuedBytes();
        if (queued > 0 && queued + size > maxQueuedBytes) {
            return false;
        }
        encoder.write(envelope, room(size));
        queuedTotal += size;
        return true;
    }

    /** Queues a frame whatever the bound: it is one that tells whether the peer still reads. */
    void add(byte[] frame) {
        room(frame.length).writeBytes(frame);
        queuedTotal += frame.length;
    }

    /** Lets everything queued leave, now or as soon as the socket takes it. */
    void flush() {
        ByteBuf current = open;
        if (current != null && writes == unflushed) {
            open = null;
            write(current);
        }
        if (unflushed > 0) {
            unflushed = 0;
            channel.flush();
        }
    }

    /** Forgets what the channel doesn't have yet. */
    void discard() {
        if (open != null) {
            open.release();
            open = null;
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

    long queuedBytes() {
        return queuedTotal - writtenTotal;
    }

    private ByteBuf room(int size) {
        ByteBuf current = open;
        if (current != null && current.writableBytes() < size) {
            open = null;
            write(current);
            current = null;
        }
        if (current == null) {
            int capacity = Math.max(size, CHUNK_BYTES);
            current = channel.alloc().directBuffer(capacity, capacity);
            open = current;
        }
        return current;
    }

    private void write(ByteBuf chunk) {
        int size = chunk.readableBytes();
        writes++;
        unflushed++;
        channel.write(chunk).addListener(done -> written(size));
    }

    private void written(int size) {
        writes--;
        writtenTotal += size;
        if (writes == 0 && open != null && channel.isActive()) {
            flush();
        }
    }
}
