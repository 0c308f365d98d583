package dev.lockstep.raft.testkit.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The content of a file, in sectors that are never changed, only replaced; so a copy of it is
 * cheap.
 */
final class Sectors {
    /** What a disk writes as one: all of it or nothing. */
    static final int BYTES = 512;

    private static final byte[] ZEROS = new byte[BYTES];

    /** Null and beyond the end: zeros. */
    private byte[] @Nullable [] written = new byte[16][];

    private long size;

    long size() {
        return size;
    }

    /** Changes the size; what is cut off reads as zeros if the file grows again. */
    void resize(long newSize) {
        if (newSize < size) {
            int kept = (int) ((newSize + BYTES - 1) / BYTES);
            if (kept < written.length) {
                Arrays.fill(written, kept, written.length, null);
            }
            int inLast = (int) (newSize % BYTES);
            if (inLast > 0) {
                put(kept - 1, Arrays.copyOf(Arrays.copyOf(get(kept - 1), inLast), BYTES));
            }
        }
        size = newSize;
    }

    byte[] get(int sector) {
        byte[] content = sector < written.length ? written[sector] : null;
        return content == null ? ZEROS : content;
    }

    /** Replaces a sector; the bytes belong to this file from now on, and its size stays. */
    void put(int sector, byte[] bytes) {
        if (sector >= written.length) {
            written = Arrays.copyOf(written, Math.max(sector + 1, 2 * written.length));
        }
        written[sector] = bytes;
    }

    /** Reads what is there; returns the number of bytes. */
    int read(ByteBuffer target, long position) {
        int total = (int) Math.max(0, Math.min(target.remaining(), size - position));
        int done = 0;
        while (done < total) {
            long at = position + done;
            int offset = (int) (at % BYTES);
            int length = Math.min(total - done, BYTES - offset);
            target.put(get((int) (at / BYTES)), offset, length);
            done += length;
        }
        return total;
    }

    /** Writes, and grows if need be. */
    void write(byte[] source, long position) {
        size = Math.max(size, position + source.length);
        int done = 0;
        while (done < source.length) {
            long at = position + done;
            int offset = (int) (at % BYTES);
            int length = Math.min(source.length - done, BYTES - offset);
            put((int) (at / BYTES), replaced((int) (at / BYTES), offset, source, done, length));
            done += length;
        }
    }

    private byte[] replaced(int sector, int offset, byte[] source, int from, int length) {
        if (length == BYTES) {
            boolean zeros = Arrays.equals(source, from, from + BYTES, ZEROS, 0, BYTES);
            return zeros ? ZEROS : Arrays.copyOfRange(source, from, from + BYTES);
        }
        byte[] content = get(sector).clone();
        System.arraycopy(source, from, content, offset, length);
        return content;
    }

    /** Makes this equal to the other one. */
    void become(Sectors other) {
        written = other.written.clone();
        size = other.size;
    }

    /** How much room it takes on the disk. */
    long allocatedBytes() {
        return (size + BYTES - 1) / BYTES * BYTES;
    }
}
