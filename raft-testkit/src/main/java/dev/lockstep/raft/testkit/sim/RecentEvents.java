package dev.lockstep.raft.testkit.sim;

import java.util.ArrayDeque;
import java.util.function.Supplier;

/**
 * The last things that happened in a run, written out only when somebody asks, which is after a
 * failure.
 */
public final class RecentEvents {
    private final ArrayDeque<Noted> kept = new ArrayDeque<>();
    private final VirtualTime time;
    private int limit = 400;

    RecentEvents(VirtualTime time) {
        this.time = time;
    }

    /** Keeps that many from now on. */
    public void keep(int events) {
        limit = events;
    }

    /**
     * Notes what happens now.
     *
     * @param text asked once at most, maybe much later: it must speak of what can't change
     */
    public void note(Supplier<String> text) {
        if (kept.size() >= limit) {
            kept.poll();
        }
        kept.add(new Noted(time.now(), text));
    }

    /** One line each, the oldest first. */
    @Override
    public String toString() {
        StringBuilder lines = new StringBuilder();
        for (Noted noted : kept) {
            lines.append(VirtualTime.seconds(noted.atNanos))
                    .append("  ")
                    .append(noted.text.get())
                    .append('\n');
        }
        return lines.toString();
    }

    private record Noted(long atNanos, Supplier<String> text) {}
}
