package dev.lockstep.raft.storage;

import java.io.IOException;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * One file of the log, of fixed size, open for reading and writing.
 *
 * @param header what its first block says
 * @param file the open file
 */
record Segment(SegmentHeader header, Disk.File file) {
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

    static Segment open(Disk disk, long sequence, UUID host) throws IOException {
        String name = name(sequence);
        Disk.File file = disk.open(name);
        try {
            return new Segment(SegmentHeader.read(disk, file, name, sequence, host), file);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
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

    long fileBytes() {
        return (long) blocks() * Blocks.BYTES;
    }
}
