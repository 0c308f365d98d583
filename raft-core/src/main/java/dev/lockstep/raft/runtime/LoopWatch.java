package dev.lockstep.raft.runtime;

import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.RaftListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees that the loops of a host turn. Now and then each is given a task that only says that it
 * came; one that hasn't come after the bound is in a loop that something blocks, and the thread's
 * stack names it. There is no thread for this: the end loop looks, and so does whoever asks for the
 * host's health, which finds a blocked end loop too.
 */
final class LoopWatch {
    private static final Logger LOG = LoggerFactory.getLogger(LoopWatch.class);

    /** A loop that is blocked again and again is told of no more often. */
    private static final long PAUSE_NANOS = 30_000_000_000L;

    private static final int FRAMES = 40;

    private final Clock clock;
    private final long boundNanos;
    private final RaftListener listener;
    private final List<Beat> beats = new ArrayList<>();
    private final ReentrantLock looking = new ReentrantLock();
    private @Nullable EventLoop end;
    private volatile long lookedNanos;
    private volatile boolean closed;

    /** A loop that makes no progress, and since when. */
    record Stalled(String loop, boolean isVital, long nanos) {
        @Override
        public String toString() {
            return "loop " + loop + " has not turned for " + nanos / 1_000_000 + " ms";
        }
    }

    private final class Beat {
        final String name;
        final EventLoop loop;
        final boolean isVital;
        volatile boolean waits;
        volatile boolean told;
        volatile @Nullable Thread thread;
        volatile long askedNanos;
        long toldNanos = clock.nanoTime() - PAUSE_NANOS;
        int untold;

        Beat(String name, EventLoop loop, boolean isVital) {
            this.name = name;
            this.loop = loop;
            this.isVital = isVital;
        }

        void ask(long now) {
            if (!waits) {
                askedNanos = now;
                waits = true;
                loop.execute(this::answer);
            }
        }

        private void answer() {
            thread = Thread.currentThread();
            waits = false;
            if (told) {
                told = false;
                LOG.info(
                        "Loop {} turns again, after {} ms",
                        name,
                        (clock.nanoTime() - askedNanos) / 1_000_000);
            }
        }

        long stalledNanos(long now) {
            return waits ? now - askedNanos : 0;
        }
    }

    LoopWatch(Clock clock, Duration bound, RaftListener listener) {
        this.clock = clock;
        this.boundNanos = bound.toNanos();
        this.listener = listener;
    }

    /**
     * Before {@link #start}.
     *
     * @param isVital whether the process is of no use while this one doesn't turn
     */
    void add(String name, EventLoop loop, boolean isVital) {
        beats.add(new Beat(name, loop, isVital));
    }

    /** Looks again and again, in a loop that is among those. */
    void start(EventLoop loop) {
        end = loop;
        lookedNanos = clock.nanoTime();
        beats.forEach(beat -> beat.ask(lookedNanos)); // their threads are known from then on
        lookAgain();
    }

    void close() {
        closed = true;
    }

    private void lookAgain() {
        if (!closed && end != null) {
            EventLoop.Cancellation unused =
                    end.at(clock.nanoTime() + boundNanos / 2, this::lookInLoop);
        }
    }

    private void lookInLoop() {
        long now = clock.nanoTime();
        // Whoever looks late was stopped, perhaps with the whole process, so the others may be
        // about to answer.
        boolean late = now - lookedNanos > 2 * boundNanos;
        lookedNanos = now;
        if (late) {
            beats.forEach(beat -> beat.askedNanos = now);
        }
        List<Stalled> unused = look();
        lookAgain();
    }

    /** Asks every loop, and tells of those that were asked before and haven't turned. */
    List<Stalled> look() {
        List<Stalled> stalled = new ArrayList<>();
        if (end == null || closed || !looking.tryLock()) {
            return stalled; // nothing can block in a simulation; or another looks right now
        }
        try {
            long now = clock.nanoTime();
            for (Beat beat : beats) {
                long nanos = beat.stalledNanos(now);
                if (beat.loop == end) {
                    nanos = Math.max(nanos, now - lookedNanos - boundNanos / 2);
                }
                if (nanos >= boundNanos) {
                    stalled.add(new Stalled(beat.name, beat.isVital, nanos));
                    tell(beat, nanos, now);
                }
                beat.ask(now);
            }
        } finally {
            looking.unlock();
        }
        return stalled;
    }

    private void tell(Beat beat, long nanos, long now) {
        if (beat.told) {
            return;
        }
        if (now - beat.toldNanos < PAUSE_NANOS) {
            beat.untold++;
            return;
        }
        String stack = stackOf(beat.thread);
        LOG.warn(
                "Loop {} has not turned for {} ms; what blocks it holds up everything behind it{}:\n{}",
                beat.name,
                nanos / 1_000_000,
                beat.untold == 0 ? "" : " (" + beat.untold + " times seen since last told)",
                stack);
        beat.told = true;
        beat.toldNanos = now;
        beat.untold = 0;
        listener.loopStalled(beat.name, Duration.ofNanos(nanos), stack);
    }

    private static String stackOf(@Nullable Thread thread) {
        if (thread == null) {
            return "(its thread is not known yet)";
        }
        StackTraceElement[] frames = thread.getStackTrace();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(FRAMES, frames.length); i++) {
            text.append(i == 0 ? "" : "\n").append(frames[i]);
        }
        return text + "\n(thread " + thread.getName() + ", " + thread.getState() + ")";
    }
}
