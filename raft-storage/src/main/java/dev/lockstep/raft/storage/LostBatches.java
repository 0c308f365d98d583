package dev.lockstep.raft.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts of the log where batches stand that aren't whole any more, in order, until it is known
 * how many they are: the number of the next batch tells. Where it is one in each part, its
 * directory is looked for, in its own ending or in the echo of the next; with that each of its
 * records is known, or that it is lost. Else nobody knows what was lost.
 */
final class LostBatches {
    private final Disk disk;
    private final Replay replay;
    private final List<SalvagedBatch> parts = new ArrayList<>();

    LostBatches(Disk disk, Replay replay) {
        this.disk = disk;
        this.replay = replay;
    }

    boolean isEmpty() {
        return parts.isEmpty();
    }

    int count() {
        return parts.size();
    }

    void forget() {
        parts.clear();
    }

    void add(SalvagedBatch part) {
        parts.add(part);
    }

    /**
     * Goes through all parts.
     *
     * @param first the number of the first batch that isn't whole
     * @param missing how many aren't, by what follows them; -1 when that isn't known
     * @param echo what the batch behind the last part repeats of it; maybe empty
     * @return the last part's directory; null when the parts' records aren't all known, or lost by
     *     name
     */
    @Nullable ByteBuffer resolve(long first, long missing, ByteBuffer echo) throws IOException {
        boolean oneEach = missing == parts.size() || missing < 0;
        ByteBuffer directory = null;
        boolean known = true;
        for (int i = 0; i < parts.size(); i++) {
            SalvagedBatch part = parts.get(i);
            directory = oneEach ? directory(i, first + i, missing < 0, echo) : null;
            if (directory == null || !replay(part, directory)) {
                replay.lostUnknown(why(part), part.segment());
                known = false;
            }
        }
        parts.clear();
        return known ? directory : null;
    }

    private @Nullable ByteBuffer directory(int i, long number, boolean atEnd, ByteBuffer echo) {
        BatchFoot own = parts.get(i).foot();
        if (own != null) {
            return own.number() == number ? own.directory() : null;
        }
        if (i + 1 < parts.size()) {
            BatchFoot next = parts.get(i + 1).foot();
            if (next == null || next.number() != number + 1 || !next.echo().hasRemaining()) {
                return null;
            }
            return next.echo();
        }
        return !atEnd && echo.hasRemaining() ? echo : null;
    }

    /** Whether the directory could be followed to its end. */
    private boolean replay(SalvagedBatch part, ByteBuffer directory) throws IOException {
        try {
            replay.salvaged(part, directory.duplicate(), why(part));
            return true;
        } catch (Damage e) {
            return false;
        }
    }

    private Loss why(SalvagedBatch part) {
        return Loss.of(disk, part);
    }
}
