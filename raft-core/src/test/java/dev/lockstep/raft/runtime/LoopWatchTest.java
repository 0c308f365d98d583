package dev.lockstep.raft.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.RaftListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Loops that turn when they are told to, and a clock that stands still. */
class LoopWatchTest {
    private static final long SECOND = 1_000_000_000L;

    private final List<String> told = new ArrayList<>();
    private final ManualLoop core = new ManualLoop();
    private final ManualLoop end = new ManualLoop();
    private final ManualLoop apply = new ManualLoop();
    private long nowNanos = 100 * SECOND;

    private final Clock clock =
            new Clock() {
                @Override
                public long nanoTime() {
                    return nowNanos;
                }

                @Override
                public long wallMillis() {
                    return 0;
                }
            };

    private final LoopWatch watch =
            new LoopWatch(
                    clock,
                    Duration.ofSeconds(1),
                    new RaftListener() {
                        @Override
                        public void loopStalled(String loop, Duration since, String stack) {
                            assertThat(stack)
                                    .contains("LoopWatchTest"); // the thread that turned it
                            told.add(loop + " " + since.toMillis());
                        }
                    });

    @BeforeEach
    void start() {
        watch.add("core", core, true);
        watch.add("end", end, true);
        watch.add("apply-0", apply, false);
        watch.start(end);
        turn(core, apply);
        turn(core, apply);
    }

    /** Half a bound passes, the end loop looks, and those turn. */
    private void turn(ManualLoop... turning) {
        nowNanos += SECOND / 2;
        end.fireTimers();
        for (ManualLoop loop : turning) {
            loop.runAll();
        }
    }

    @Test
    void loopsThatTurnAreNotToldOf() {
        for (int i = 0; i < 100; i++) {
            turn(core, apply);
        }
        assertThat(told).isEmpty();
        assertThat(watch.look()).isEmpty();
    }

    @Test
    void oneThatIsBlockedIsToldOfOnceAndIsVitalOrNot() {
        for (int i = 0; i < 10; i++) {
            turn(core);
        }
        assertThat(told).containsExactly("apply-0 1000");
        assertThat(watch.look())
                .containsExactly(new LoopWatch.Stalled("apply-0", false, 9 * SECOND / 2));
        turn(core, apply);
        assertThat(watch.look()).isEmpty();
    }

    @Test
    void oneThatIsBlockedAgainAndAgainIsToldOfNowAndThen() {
        for (int i = 0; i < 20; i++) {
            turn(core);
            turn(core);
            turn(core);
            turn(core, apply);
        }
        // 40 seconds, in each two of which it was blocked once
        assertThat(told).hasSize(2);
    }

    @Test
    void aWholeProcessThatWasStoppedIsNotTakenForABlockedLoop() {
        turn(); // all were asked
        nowNanos += 60 * SECOND;
        end.fireTimers();
        assertThat(told).isEmpty();
        core.runAll();
        apply.runAll();
        turn(core, apply);
        assertThat(told).isEmpty();
    }

    @Test
    void aBlockedEndLoopIsSeenByWhoeverAsks() {
        nowNanos += 10 * SECOND; // in which it should have looked
        assertThat(watch.look())
                .containsExactly(new LoopWatch.Stalled("end", true, 19 * SECOND / 2));
        assertThat(told).containsExactly("end 9500");
    }

    @Test
    void whoIsClosedLooksNoMore() {
        watch.close();
        turn();
        turn();
        turn();
        assertThat(watch.look()).isEmpty();
        assertThat(told).isEmpty();
        assertThat(core.isIdle()).isTrue();
    }
}
