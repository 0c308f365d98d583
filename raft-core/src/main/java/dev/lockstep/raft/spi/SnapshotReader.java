package dev.lockstep.raft.spi;

import static dev.lockstep.raft.spi.SnapshotFormat.END;
import static dev.lockstep.raft.spi.SnapshotFormat.END_BYTES;
import static dev.lockstep.raft.spi.SnapshotFormat.FRAME_HEAD_BYTES;
import static dev.lockstep.raft.spi.SnapshotFormat.HEAD_FIXED_BYTES;
import static dev.lockstep.raft.spi.SnapshotFormat.HEAD_SIZE_AT;
import static dev.lockstep.raft.spi.SnapshotFormat.MAGIC;
import static dev.lockstep.raft.spi.SnapshotFormat.MOST_FRAME_BYTES;
import static dev.lockstep.raft.spi.SnapshotFormat.MOST_HEAD_BYTES;
import static dev.lockstep.raft.spi.SnapshotFormat.VERSION;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads and checks the bytes of one snapshot: each frame before any of its bytes are handed out,
 * and the file as a whole at {@link #finish}. Damage is a {@link StorageException} with {@code
 * SNAPSHOT_CORRUPT}, and one with {@code STORAGE_FAILED} is what can't be read. Used by one thread.
 */
public final class SnapshotReader {
    private final InputStream source;
    private final String where;
    private final CRC32C file = new CRC32C();
    private final CRC32C part = new CRC32C();
    private final GroupId group;
    private final SnapshotMeta meta;
    private final byte[] frame = new byte[FRAME_HEAD_BYTES + MOST_FRAME_BYTES + Integer.BYTES];
    private int frameAt;
    private int frameEnd;

    /** The section of the frame at hand; {@link SnapshotFormat#END} behind the last. */
    private int section;

    private long read;
    private @Nullable SnapshotId id;
    private @Nullable StorageException damage;

    /**
     * Reads the head.
     *
     * @param source gives every byte of the file; never closed here
     * @param where for messages: what is read
     */
    public SnapshotReader(InputStream source, String where) throws IOException {
        this.source = source;
        this.where = where;
        byte[] fixed = new byte[HEAD_FIXED_BYTES];
        fill(fixed, 0, fixed.length);
        int size = ByteBuffer.wrap(fixed).getInt(HEAD_SIZE_AT);
        if (ByteBuffer.wrap(fixed).getLong() != MAGIC
                || size < HEAD_FIXED_BYTES + Integer.BYTES
                || size > MOST_HEAD_BYTES) {
            throw damaged("this is no snapshot");
        }
        byte[] head = new byte[size];
        System.arraycopy(fixed, 0, head, 0, fixed.length);
        fill(head, fixed.length, size - fixed.length);
        file.update(head, 0, size);
        part.update(head, 0, size - Integer.BYTES);
        ByteBuffer bytes = ByteBuffer.wrap(head);
        if (bytes.getInt(size - Integer.BYTES) != (int) part.getValue()) {
            throw damaged("its head fails its checksum");
        }
        int version = bytes.getInt(Long.BYTES);
        if (version != VERSION) {
            throw new StorageException(
                    new Fault(
                            Fault.Code.INCOMPATIBLE_VERSION,
                            where
                                    + " is of format version "
                                    + version
                                    + "; this version of Lockstep reads "
                                    + VERSION
                                    + ". Nothing was changed. Open it with the version that wrote it."));
        }
        bytes.position(HEAD_FIXED_BYTES);
        try {
            LogPosition position = new LogPosition(bytes.getLong(), bytes.getLong());
            long configurationIndex = bytes.getLong();
            long timestampMillis = bytes.getLong();
            byte byReference = bytes.get();
            if (byReference != 0 && byReference != 1) {
                throw new IllegalArgumentException("its state is in no known place");
            }
            byte[] name = new byte[bytes.get() & 0xff];
            bytes.get(name);
            group = GroupId.of(new String(name, StandardCharsets.US_ASCII));
            int membershipBytes = bytes.getInt();
            if (membershipBytes > bytes.remaining()) { // before anything is allocated for it
                throw new BufferUnderflowException();
            }
            byte[] membership = new byte[membershipBytes];
            bytes.get(membership);
            meta =
                    new SnapshotMeta(
                            position,
                            configurationIndex,
                            MembershipFormat.decode(Payload.wrap(membership)),
                            timestampMillis,
                            byReference == 1);
        } catch (BufferUnderflowException
                | IllegalArgumentException
                | NegativeArraySizeException e) {
            throw damaged("its head makes no sense (" + e + ")");
        }
        nextFrame();
    }

    /**
     * Reads a whole file and checks everything.
     *
     * @return what it stands for
     */
    public static SnapshotMeta check(InputStream source, String where, GroupId group, SnapshotId id)
            throws IOException {
        SnapshotReader reader = new SnapshotReader(source, where);
        SnapshotId found = reader.finish();
        if (!found.equals(id) || !reader.group.equals(group)) {
            throw reader.damaged(
                    "it is "
                            + found
                            + " of group "
                            + reader.group
                            + ", not "
                            + id
                            + " of "
                            + group);
        }
        return reader.meta;
    }

    public GroupId group() {
        return group;
    }

    public SnapshotMeta meta() {
        return meta;
    }

    /**
     * The bytes of a section, none when it isn't there. Sections are read one after the other, in
     * their order; what is not read of the ones before is skipped.
     */
    public InputStream section(SnapshotSection wanted) throws IOException {
        while (section != END && section < wanted.code()) {
            nextFrame();
        }
        return new SectionStream(wanted.code());
    }

    /**
     * Reads what is left, and checks the file as a whole.
     *
     * @return its name, as its bytes say
     */
    public SnapshotId finish() throws IOException {
        while (section != END) {
            nextFrame();
        }
        if (damage == null && hasMoreBytes()) {
            throw damaged("bytes follow its end");
        }
        if (damage != null) {
            throw damage;
        }
        if (id == null) {
            throw damaged("it has no end");
        }
        return id;
    }

    private boolean hasMoreBytes() throws IOException {
        try {
            return source.read() >= 0;
        } catch (IOException e) {
            throw unread(e);
        }
    }

    /**
     * What was found to be damaged, or couldn't be read; whoever reads a section may have swallowed
     * the exception.
     */
    public @Nullable StorageException damage() {
        return damage;
    }

    private void nextFrame() throws IOException {
        fill(frame, 0, FRAME_HEAD_BYTES);
        section = frame[0];
        if (section == END) {
            readEnd();
            return;
        }
        int size = ByteBuffer.wrap(frame).getInt(1);
        if (size < 1 || size > MOST_FRAME_BYTES) {
            throw damaged("a frame of " + size + " bytes at offset " + (read - FRAME_HEAD_BYTES));
        }
        fill(frame, FRAME_HEAD_BYTES, size + Integer.BYTES);
        int end = FRAME_HEAD_BYTES + size;
        part.reset();
        part.update(frame, 0, end);
        if (ByteBuffer.wrap(frame).getInt(end) != (int) part.getValue()) {
            throw damaged("a frame fails its checksum before offset " + read);
        }
        file.update(frame, 0, end + Integer.BYTES);
        frameAt = FRAME_HEAD_BYTES;
        frameEnd = end;
    }

    private void readEnd() throws IOException {
        fill(frame, FRAME_HEAD_BYTES, END_BYTES - FRAME_HEAD_BYTES);
        frameAt = 0;
        frameEnd = 0;
        ByteBuffer end = ByteBuffer.wrap(frame);
        long bytes = end.getLong(1);
        file.update(frame, 0, END_BYTES - Integer.BYTES);
        int checksum = (int) file.getValue();
        if (bytes != read || end.getInt(END_BYTES - Integer.BYTES) != checksum) {
            throw damaged("the file fails its checksum");
        }
        id = new SnapshotId(meta.position(), bytes, checksum);
    }

    private void fill(byte[] target, int from, int count) throws IOException {
        if (damage != null) {
            throw damage; // where the source is now, nobody knows
        }
        int got;
        try {
            got = source.readNBytes(target, from, count);
        } catch (StorageException e) {
            damage = e;
            throw e;
        } catch (IOException e) {
            throw unread(e);
        }
        read += got;
        if (got < count) {
            throw damaged("it ends at offset " + read);
        }
    }

    private StorageException damaged(String what) {
        StorageException found = SnapshotFormat.damaged(where, what);
        damage = found;
        return found;
    }

    private StorageException unread(IOException cause) {
        StorageException found =
                new StorageException(
                        new Fault(
                                Fault.Code.STORAGE_FAILED,
                                where
                                        + ": behind offset "
                                        + read
                                        + " it can't be read: "
                                        + cause.getMessage()
                                        + ". It may be whole, and nothing of it is given up."),
                        cause);
        damage = found;
        return found;
    }

    private final class SectionStream extends InputStream {
        private final int code;

        SectionStream(int code) {
            this.code = code;
        }

        @Override
        public int read() throws IOException {
            return hasMore() ? frame[frameAt++] & 0xff : -1;
        }

        @Override
        public int read(byte[] target, int from, int count) throws IOException {
            if (count == 0) {
                return 0;
            }
            if (!hasMore()) {
                return -1;
            }
            int portion = Math.min(count, frameEnd - frameAt);
            System.arraycopy(frame, frameAt, target, from, portion);
            frameAt += portion;
            return portion;
        }

        private boolean hasMore() throws IOException {
            while (section == code && frameAt == frameEnd) {
                nextFrame();
            }
            return section == code;
        }
    }
}
