package dev.lockstep.raft.storage;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Files of segments that aren't needed any more, kept to become segments again: to write over them
 * costs less than to fill new ones with zeros. Called by the log's writer.
 *
 * <p>A segment gives up its name, durably, before anything of the file changes. So a crash leaves
 * either the segment as it was or a spare file, whose content counts for nothing; and what the next
 * segment finds in it is of another generation than its own, which makes it blank.
 */
final class Spares {
    /** More than these are deleted. */
    static final int MOST = 4;

    private static final Pattern NAME = Pattern.compile("wal-[0-9a-f]{16}\\.spare");

    private final Disk disk;
    private final long bytes;
    private final ArrayDeque<String> names = new ArrayDeque<>();

    /**
     * @param blocks the size of an ordinary segment; files of another size are of no use
     */
    Spares(Disk disk, int blocks) {
        this.disk = disk;
        this.bytes = (long) blocks * Blocks.BYTES;
    }

    /** Named by the segment that it was last, so that no two are called the same. */
    static String name(long sequence) {
        return String.format(Locale.ROOT, "wal-%016x.spare", sequence);
    }

    /** Takes over what an earlier life left behind. */
    void recover() throws IOException {
        for (String name : disk.list()) {
            if (NAME.matcher(name).matches()) {
                if (names.size() < MOST && size(name) == bytes) {
                    names.add(name);
                } else {
                    disk.delete(name);
                }
            }
        }
    }

    int size() {
        return names.size();
    }

    /** Returns once the segment's name is gone, durably; the file may be kept. */
    void free(Segment segment, boolean mayKeep) throws IOException {
        String spare = name(segment.sequence());
        boolean keep = mayKeep && names.size() < MOST && segment.fileBytes() == bytes;
        if (keep) {
            disk.rename(segment.name(), spare);
        } else {
            disk.delete(segment.name());
        }
        disk.syncDirectory();
        if (keep) {
            names.add(spare);
        }
    }

    /** One that is nobody else's from now on; null when there is none. */
    @Nullable String take() {
        return names.poll();
    }

    /** One that was taken and not used after all. */
    void giveBack(String name) {
        names.addFirst(name);
    }

    private long size(String name) throws IOException {
        try (Disk.File file = disk.open(name)) {
            return file.size();
        }
    }
}
