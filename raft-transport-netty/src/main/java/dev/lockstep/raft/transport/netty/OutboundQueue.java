package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.Lane;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/**
 * What waits for one peer's socket, in a lane for each urgency. The socket is given only a little
 * at a time, and always of the most urgent lane that has something; so a heartbeat waits for about
 * {@link #COMMITTED_BYTES} and one frame, however much of the log is queued. Parts of snapshots go
 * behind the log, but for one after each {@link #LOG_BYTES_PER_SNAPSHOT_CHUNK} of it.
 *
 * <p>All that is queued between two flushes leaves in one system call while that is little. While
 * the socket takes nothing more, the buffers of the lanes go on filling: a slow peer gets fewer,
 * larger writes.
 */
final class OutboundQueue {
    /** With so much given to the channel that the socket hasn't taken, nothing is added. */
    static final int COMMITTED_BYTES = 128 * 1024;

    static final int LOG_BYTES_PER_SNAPSHOT_CHUNK = 4 * 1024 * 1024;

    /** Nor with so many writes: small ones wait until they are a larger one. */
    private static final int COMMITTED_WRITES = 4;

    private final Channel channel;
    private final FrameEncoder encoder;
    private final FrameLane control;
    private final FrameLane log;
    private final FrameLane snapshot;

    private int writes; // given to the channel, not yet to the socket
    private long committed; // the bytes of those
    private long logBeforeSnapshot; // bytes of the log that have left while a snapshot waits

    OutboundQueue(Channel channel, FrameEncoder encoder, NettyOptions options) {
        this.channel = channel;
        this.encoder = encoder;
        control = new FrameLane(channel, options.maxQueuedControlBytes());
        log = new FrameLane(channel, options.maxQueuedLogBytes());
        snapshot = new FrameLane(channel, options.maxQueuedSnapshotBytes());
    }

    private FrameLane lane(Lane lane) {
        return switch (lane) {
            case CONTROL -> control;
            case LOG -> log;
            case SNAPSHOT -> snapshot;
        };
    }

    /**
     * Queues the envelope that {@code encoder} has just measured.
     *
     * @return false when too much is queued already in its lane, whose single frame is always taken
     */
    boolean offer(Envelope envelope, int size) {
        FrameLane lane = lane(Lane.of(envelope.message()));
        if (!lane.hasRoomFor(size)) {
            return false;
        }
        encoder.write(envelope, lane.room(size));
        return true;
    }

    /**
     * Queues a frame among the urgent ones, whatever the bound: it is one that tells whether the
     * peer still reads.
     *
     * @return names it to {@link #hasTaken}
     */
    long add(byte[] frame) {
        control.room(frame.length).writeBytes(frame);
        return control.queuedTotal();
    }

    /** Whether the socket has taken the frame that {@link #add} queued. */
    boolean hasTaken(long added) {
        return control.writtenTotal() >= added;
    }

    /** Lets everything queued leave, now or as soon as the socket takes it. */
    void flush() {
        boolean any = false;
        while (writes < COMMITTED_WRITES && committed < COMMITTED_BYTES) {
            FrameLane lane = mostUrgent();
            ByteBuf chunk = lane.poll();
            if (chunk == null) {
                break;
            }
            write(lane, chunk);
            any = true;
        }
        if (any) {
            channel.flush();
        }
    }

    /** The one to take from next; an empty one when all are. */
    private FrameLane mostUrgent() {
        if (!control.isEmpty()) {
            return control;
        }
        boolean isSnapshotsTurn = logBeforeSnapshot >= LOG_BYTES_PER_SNAPSHOT_CHUNK;
        return log.isEmpty() || isSnapshotsTurn && !snapshot.isEmpty() ? snapshot : log;
    }

    /** Forgets what the channel doesn't have yet. */
    void discard() {
        control.discard();
        log.discard();
        snapshot.discard();
    }

    /** All bytes that the socket has taken. */
    long writtenTotal() {
        return control.writtenTotal() + log.writtenTotal() + snapshot.writtenTotal();
    }

    long queuedBytes() {
        return control.queuedTotal() + log.queuedTotal() + snapshot.queuedTotal() - writtenTotal();
    }

    private void write(FrameLane lane, ByteBuf chunk) {
        int size = chunk.readableBytes();
        if (lane == snapshot) {
            logBeforeSnapshot = 0;
        } else if (lane == log && !snapshot.isEmpty()) {
            logBeforeSnapshot += size;
        }
        writes++;
        committed += size;
        channel.write(chunk).addListener(done -> written(lane, size));
    }

    private void written(FrameLane lane, int size) {
        writes--;
        committed -= size;
        lane.written(size);
        if (channel.isActive()) {
            flush();
        }
    }
}
