package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How the files of snapshots are named: by group key, term and index, 16 hex digits each. */
final class SnapshotName {
    private static final Pattern PUBLISHED =
            Pattern.compile("snap-[0-9a-f]{16}-[0-9a-f]{16}-[0-9a-f]{16}\\.dat");
    private static final Pattern ASIDE = Pattern.compile("snap-[0-9a-f]{16}-(taken|fetched)\\.tmp");
    private static final int TERM_AT = 22;
    private static final int INDEX_AT = 39;
    private static final int DIGITS = 16;

    private SnapshotName() {}

    static String published(GroupId group, LogPosition position) {
        return String.format(
                Locale.ROOT,
                "snap-%016x-%016x-%016x.dat",
                group.key(),
                position.term(),
                position.index());
    }

    /** Where one is written that is taken here. */
    static String taken(GroupId group) {
        return String.format(Locale.ROOT, "snap-%016x-taken.tmp", group.key());
    }

    /** Where one is written that is fetched from another host. */
    static String fetched(GroupId group) {
        return String.format(Locale.ROOT, "snap-%016x-fetched.tmp", group.key());
    }

    static boolean isPublished(String file) {
        return PUBLISHED.matcher(file).matches();
    }

    static boolean isAside(String file) {
        return ASIDE.matcher(file).matches();
    }

    /** What a file of the group stands for; null when it is none of its published snapshots. */
    static @Nullable LogPosition position(GroupId group, String file) {
        if (!PUBLISHED.matcher(file).matches()) {
            return null;
        }
        long term = Long.parseUnsignedLong(file.substring(TERM_AT, TERM_AT + DIGITS), 16);
        long index = Long.parseUnsignedLong(file.substring(INDEX_AT, INDEX_AT + DIGITS), 16);
        if (term < 1 || index < 1) {
            return null;
        }
        LogPosition position = new LogPosition(term, index);
        return published(group, position).equals(file) ? position : null;
    }
}
