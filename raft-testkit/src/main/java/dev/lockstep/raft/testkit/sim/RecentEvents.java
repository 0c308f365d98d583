package dev.lockstep.raft.testkit.sim;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The last things that happened in a run, written out only when somebody asks, which is after a
 * failure.
 */
public final class RecentEvents {
    private static final int LIMIT = 400;

    private final VirtualTime time;
    private long[] times = new long[LIMIT];
    private @Nullable Supplier<?>[] texts = new Supplier<?>[LIMIT];
    private long noted;

    RecentEvents(VirtualTime time) {
        this.time = time;
    }

    /** Keeps that many from now on; called before the first. */
    public void keep(int events) {
        times = new long[events];
        texts = new Supplier<?>[events];
        noted = 0;
    }

    /**
     * Notes what happens now.
     *
     * @param text asked once at most, maybe much later: it must speak of what can't change
     */
    public void note(Supplier<String> text) {
        int at = (int) (noted++ % texts.length);
        times[at] = time.now();
        texts[at] = text;
    }

    /** One line each, the oldest first. */
    @Override
    public String toString() {
        StringBuilder lines = new StringBuilder();
        for (long i = Math.max(0, noted - texts.length); i < noted; i++) {
            int at = (int) (i % texts.length);
            Supplier<?> text = texts[at];
            if (text != null) {
                lines.append(VirtualTime.seconds(times[at]))
                        .append("  ")
                        .append(text.get())
                        .append('\n');
            }
        }
        return lines.toString();
    }
}
