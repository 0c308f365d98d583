package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * One file of the log, of fixed size, open for reading and writing.
 *
 * @param header what its first block says
 * @param file the open file
 * @param state what is known of it
 */
record Segment(SegmentHeader header, Disk.File file, State state) {
    enum State {
        /** It is a segment of this log. */
        USABLE,
        /** Its header is damaged, or the file is missing: this only stands where one was. */
        LOST,
        /** The same, since the disk refuses to read its header. */
        UNREADABLE,
        /** Its header can't be used, but nothing was ever written to it in its present use. */
        UNUSED
    }

    Segment(SegmentHeader header, Disk.File file) {
        this(header, file, State.USABLE);
    }

    /** Before the names of files that hold what is left of a replica that had to begin anew. */
    static final String KEPT_PREFIX = "damaged-";

    /** More than these are never lost between two that are there. */
    private static final long MOST_MISSING = 1 << 16;

    private static final Pattern NAME = Pattern.compile("wal-[0-9a-f]{16}\\.log");
    private static final int DIGITS_AT = 4;
    private static final int DIGITS_UNTIL = 20;

    static String name(long sequence) {
        return String.format(Locale.ROOT, "wal-%016x.log", sequence);
    }

    static boolean isName(String file) {
        return NAME.matcher(file).matches();
    }

    static long sequenceOf(String name) {
        return Long.parseUnsignedLong(name.substring(DIGITS_AT, DIGITS_UNTIL), 16);
    }

    /**
     * Whether a file with this number can be of a log in which the next one should have the number
     * {@code next}.
     */
    static boolean mayFollow(long next, long sequence) {
        return next > 0 && sequence >= next && sequence - next <= MOST_MISSING;
    }

    /** One whose header can't be used is taken for lost. */
    static Segment open(Disk disk, long sequence, UUID host) throws IOException {
        String name = name(sequence);
        Disk.File file = disk.open(name);
        try {
            return new Segment(SegmentHeader.read(disk, file, name, sequence, host), file);
        } catch (Damage e) {
            return lost(sequence, host, file, State.LOST);
        } catch (StorageException | RuntimeException e) {
            file.close();
            throw e;
        } catch (IOException e) {
            return lost(sequence, host, file, State.UNREADABLE);
        }
    }

    /** Stands for a file that isn't there. */
    static Segment missing(long sequence, UUID host) {
        return lost(sequence, host, new MissingFile(name(sequence)), State.LOST);
    }

    private static Segment lost(long sequence, UUID host, Disk.File file, State state) {
        long blocks;
        try {
            blocks = Math.max(2, file.size() / Blocks.BYTES);
        } catch (IOException e) {
            blocks = 2;
        }
        State known = wasNeverUsed(file, sequence) ? State.UNUSED : state;
        return new Segment(new SegmentHeader(sequence, 0, (int) blocks, host), file, known);
    }

    /**
     * Whether the file still holds, where the first batch of its present use would begin, one of an
     * earlier use. A segment's first batch is durable before any other is written to it, so there
     * has been none.
     */
    private static boolean wasNeverUsed(Disk.File file, long sequence) {
        Blocks first = Blocks.direct(1);
        try {
            if (file.read(first.first(1), Blocks.BYTES) < Blocks.BYTES) {
                return false;
            }
        } catch (IOException e) {
            return false;
        }
        if (first.state(0, first.generation(0), 1) != Blocks.State.INTACT
                || !first.beginsBatch(0)) {
            return false;
        }
        ByteBuffer data = ByteBuffer.allocate(Blocks.DATA_BYTES);
        first.dataTo(0, data);
        long written = BatchHead.segmentIn(data.flip());
        return written > 0 && written < sequence;
    }

    /** Whether it is a segment of this log; else it only stands where one was. */
    boolean isUsable() {
        return state == State.USABLE;
    }

    boolean isMissing() {
        return file instanceof MissingFile;
    }

    String name() {
        return name(sequence());
    }

    long sequence() {
        return header.sequence();
    }

    long generation() {
        return header.generation();
    }

    int blocks() {
        return header.blocks();
    }

    /** What it takes of the disk. */
    long fileBytes() {
        return isMissing() ? 0 : (long) blocks() * Blocks.BYTES;
    }
}
