package dev.lockstep.raft.testkit.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The content of a file, in sectors that are never changed, only replaced; so a copy of it is
 * cheap.
 */
final class Sectors {
    /** What a disk writes as one: all of it or nothing. */
    static final int BYTES = 512;

    private static final byte[] ZEROS = new byte[BYTES];

    private final Map<Integer, byte[]> written = new HashMap<>();
    private long size;

    long size() {
        return size;
    }

    /** Changes the size; what is cut off reads as zeros if the file grows again. */
    void resize(long newSize) {
        if (newSize < size) {
            int kept = (int) ((newSize + BYTES - 1) / BYTES);
            written.keySet().removeIf(sector -> sector >= kept);
            int inLast = (int) (newSize % BYTES);
            byte[] last = written.get(kept - 1);
            if (inLast > 0 && last != null) {
                written.put(kept - 1, Arrays.copyOf(Arrays.copyOf(last, inLast), BYTES));
            }
        }
        size = newSize;
    }

    byte[] get(int sector) {
        return written.getOrDefault(sector, ZEROS);
    }

    /** Replaces a sector; the bytes belong to this file from now on, and its size stays. */
    void put(int sector, byte[] bytes) {
        written.put(sector, bytes);
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
            byte[] sector = get((int) (at / BYTES)).clone();
            System.arraycopy(source, done, sector, offset, length);
            written.put((int) (at / BYTES), sector);
            done += length;
        }
    }

    /** Makes this equal to the other one. */
    void become(Sectors other) {
        written.clear();
        written.putAll(other.written);
        size = other.size;
    }

    /** How much room it takes on the disk. */
    long allocatedBytes() {
        return (size + BYTES - 1) / BYTES * BYTES;
    }
}
