package dev.lockstep.raft.spi;

import static dev.lockstep.raft.spi.SnapshotFormat.END;
import static dev.lockstep.raft.spi.SnapshotFormat.END_BYTES;
import static dev.lockstep.raft.spi.SnapshotFormat.FRAME_HEAD_BYTES;
import static dev.lockstep.raft.spi.SnapshotFormat.HEAD_SIZE_AT;
import static dev.lockstep.raft.spi.SnapshotFormat.MAGIC;
import static dev.lockstep.raft.spi.SnapshotFormat.MOST_FRAME_BYTES;
import static dev.lockstep.raft.spi.SnapshotFormat.VERSION;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Writes the bytes of one snapshot, in the format that every replica reads: head, sections, end.
 * Used by one thread.
 */
public final class SnapshotWriter {
    /** A head's without name and membership. */
    private static final int HEAD_BYTES = 58;

    private final OutputStream target;
    private final SnapshotMeta meta;
    private final CRC32C file = new CRC32C();
    private final CRC32C part = new CRC32C();
    private final byte[] frame = new byte[FRAME_HEAD_BYTES + MOST_FRAME_BYTES + Integer.BYTES];
    private int filled;
    private int section;
    private long written;

    /**
     * Writes the head.
     *
     * @param target gets every byte, in large pieces; never closed here
     */
    public SnapshotWriter(OutputStream target, GroupId group, SnapshotMeta meta)
            throws IOException {
        this.target = target;
        this.meta = meta;
        byte[] name = group.name().getBytes(StandardCharsets.US_ASCII);
        Payload membership = MembershipFormat.encode(meta.membership());
        ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES + name.length + membership.size());
        head.putLong(MAGIC).putInt(VERSION).putInt(0);
        head.putLong(meta.position().term()).putLong(meta.position().index());
        head.putLong(meta.configurationIndex()).putLong(meta.timestampMillis());
        head.put((byte) (meta.byReference() ? 1 : 0));
        head.put((byte) name.length).put(name).putInt(membership.size());
        membership.writeTo(head);
        head.putInt(HEAD_SIZE_AT, head.capacity());
        part.update(head.array(), 0, head.position());
        head.putInt((int) part.getValue());
        put(head.array(), head.position());
    }

    /**
     * The stream that fills a section. Sections are filled one after the other, in their order; a
     * later one ends the one before.
     *
     * @throws IllegalArgumentException when this or a later section was begun already
     */
    public OutputStream section(SnapshotSection next) throws IOException {
        if (next.code() <= section) {
            throw new IllegalArgumentException(next + " comes too late");
        }
        flushFrame();
        section = next.code();
        return new SectionStream(next.code());
    }

    /** Writes the end. */
    public SnapshotId finish() throws IOException {
        flushFrame();
        section = Integer.MAX_VALUE;
        ByteBuffer end = ByteBuffer.allocate(END_BYTES);
        end.put((byte) END).putLong(written + END_BYTES);
        file.update(end.array(), 0, end.position());
        int checksum = (int) file.getValue();
        end.putInt(checksum);
        target.write(end.array());
        return new SnapshotId(meta.position(), written + END_BYTES, checksum);
    }

    private void flushFrame() throws IOException {
        if (filled == 0) {
            return;
        }
        int end = FRAME_HEAD_BYTES + filled;
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        bytes.put((byte) section).putInt(filled);
        part.reset();
        part.update(frame, 0, end);
        bytes.putInt(end, (int) part.getValue());
        put(frame, end + Integer.BYTES);
        filled = 0;
    }

    private void put(byte[] bytes, int count) throws IOException {
        file.update(bytes, 0, count);
        target.write(bytes, 0, count);
        written += count;
    }

    private final class SectionStream extends OutputStream {
        private final int code;

        SectionStream(int code) {
            this.code = code;
        }

        @Override
        public void write(int value) throws IOException {
            reserve();
            frame[FRAME_HEAD_BYTES + filled] = (byte) value;
            filled++;
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            for (int done = 0; done < count; ) {
                reserve();
                int portion = Math.min(count - done, MOST_FRAME_BYTES - filled);
                System.arraycopy(bytes, from + done, frame, FRAME_HEAD_BYTES + filled, portion);
                filled += portion;
                done += portion;
            }
        }

        private void reserve() throws IOException {
            if (code != section) {
                throw new IOException("this section of the snapshot has ended");
            }
            if (filled == MOST_FRAME_BYTES) {
                flushFrame();
            }
        }
    }
}
