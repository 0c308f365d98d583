package dev.lockstep.raft.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.spi.EventLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VirtualTimeTest {
    private static final long SECOND = 1_000_000_000;

    private final VirtualTime time = new VirtualTime(7);
    private final List<String> done = new ArrayList<>();

    @Test
    void runsEventsInTheOrderOfTheirTimes() {
        time.after(30, "c", () -> done.add("c"));
        time.after(
                10,
                "a",
                () -> {
                    done.add("a");
                    time.after(10, "b", () -> done.add("b"));
                });
        time.runFor(100);
        assertThat(done).containsExactly("a", "b", "c");
        assertThat(time.now()).isEqualTo(100);
    }

    @Test
    void ordersSimultaneousEventsByTheSeed() {
        assertThat(orderOfTen(1)).isEqualTo(orderOfTen(1));
        assertThat(orderOfTen(1)).isNotEqualTo(orderOfTen(2));
    }

    @Test
    void equalSeedsLeaveEqualTracesAndOthersDont() {
        assertThat(traceOf(3)).isEqualTo(traceOf(3));
        assertThat(traceOf(3)).isNotEqualTo(traceOf(4));
    }

    @Test
    void aLoopKeepsTheOrderOfItsTasks() {
        SimulatedLoop loop = process("p", 1).loop("core");
        for (int i = 0; i < 20; i++) {
            String name = "task" + i;
            loop.execute(() -> done.add(name));
        }
        time.runFor(SECOND);
        assertThat(done).hasSize(20).isSortedAccordingTo((a, b) -> number(a) - number(b));
    }

    @Test
    void tasksOfAKilledProcessVanish() {
        SimulatedProcess process = process("p", 1);
        SimulatedLoop loop = process.loop("core");
        loop.execute(
                () -> {
                    done.add("first");
                    process.kill();
                    loop.execute(() -> done.add("given by the dead"));
                });
        loop.execute(() -> done.add("second"));
        loop.at(10, () -> done.add("timer"));
        time.runFor(SECOND);
        assertThat(done).containsExactly("first");
    }

    @Test
    void aPausedProcessGoesOnWhereItWasAndItsClockShowsTheGap() {
        SimulatedProcess process = process("p", 1);
        SimulatedLoop loop = process.loop("core");
        process.pause();
        loop.execute(() -> done.add("at " + process.clock().nanoTime() / SECOND));
        loop.at(SECOND, () -> done.add("timer"));
        time.runFor(5 * SECOND);
        assertThat(done).isEmpty();
        process.resume();
        time.runFor(SECOND);
        assertThat(done).containsExactly("at 5", "timer");
    }

    @Test
    void timersFireOnceTheirClockShowsTheDeadline() {
        MachineClock clock = new MachineClock(time, -5 * SECOND, 300, 0);
        SimulatedProcess process = new SimulatedProcess(time, clock, SchedulingDelays.CALM, "p", 1);
        SimulatedLoop loop = process.loop("core");
        long deadline = clock.nanoTime() + 3 * SECOND;
        List<Long> lateness = new ArrayList<>();
        loop.at(deadline, () -> lateness.add(clock.nanoTime() - deadline));
        time.runFor(4 * SECOND);
        assertThat(lateness)
                .singleElement()
                .satisfies(late -> assertThat(late).isBetween(0L, 1_000_000L));
    }

    @Test
    void aCancelledTimerNeverRunsEvenWhenItIsDueAlready() {
        SimulatedLoop loop = process("p", 1).loop("core");
        EventLoop.Cancellation later = loop.at(SECOND, () -> done.add("later"));
        later.cancel();
        EventLoop.Cancellation due = loop.at(SECOND / 4, () -> done.add("due"));
        loop.execute(() -> time.spend(SECOND / 2));
        loop.execute(due::cancel);
        time.runFor(2 * SECOND);
        assertThat(done).isEmpty();
    }

    @Test
    void spentTimeDelaysTheLoopThatSpendsItAndNoOther() {
        SimulatedProcess process = process("p", 1);
        SimulatedLoop slow = process.loop("log");
        SimulatedLoop other = process.loop("core");
        slow.execute(() -> time.spend(SECOND));
        slow.execute(() -> done.add("slow " + time.now() / SECOND));
        other.execute(() -> done.add("other " + time.now() / SECOND));
        time.runFor(3 * SECOND);
        assertThat(done).containsExactly("other 0", "slow 1");
    }

    @Test
    void closingALoopFinishesWhatItWasGiven() {
        SimulatedLoop loop = process("p", 1).loop("log");
        loop.execute(() -> done.add("given"));
        loop.close();
        loop.execute(() -> done.add("too late"));
        time.runFor(SECOND);
        assertThat(done).containsExactly("given");
    }

    @Test
    void knowsWhoseTaskIsRunning() {
        SimulatedProcess process = process("p", 1);
        SimulatedLoop one = process.loop("one");
        SimulatedLoop two = process.loop("two");
        one.execute(() -> done.add(one.inLoop() + " " + two.inLoop()));
        time.runFor(SECOND);
        assertThat(done).containsExactly("true false");
        assertThat(one.inLoop()).isFalse();
    }

    @Test
    void anErrorInATaskEndsTheRun() {
        process("p", 1)
                .loop("core")
                .execute(
                        () -> {
                            throw new IllegalStateException("broken");
                        });
        assertThatThrownBy(() -> time.runFor(SECOND))
                .isInstanceOf(SimulationError.class)
                .hasMessageContaining("broken");
    }

    @Test
    void aCrashEndsOnlyItsProcess() {
        SimulatedProcess process = process("p", 1);
        process.loop("log")
                .execute(
                        () -> {
                            throw new SimulatedCrash("disk");
                        });
        time.runFor(SECOND);
        assertThat(process.alive()).isFalse();
    }

    @Test
    void boundedDrawsStayInTheirBoundsAndForksAreIndependent() {
        SeededRandom random = new SeededRandom(5);
        for (int i = 0; i < 10_000; i++) {
            assertThat(random.nextInt(7)).isBetween(0, 6);
            assertThat(random.nextLong(10, 13)).isBetween(10L, 12L);
            assertThat(random.nextDouble()).isGreaterThanOrEqualTo(0).isLessThan(1);
        }
        SeededRandom fresh = new SeededRandom(5);
        assertThat(random.fork("a").nextLong()).isEqualTo(fresh.fork("a").nextLong());
        assertThat(fresh.fork("a").nextLong()).isNotEqualTo(fresh.fork("b").nextLong());
    }

    /**
     * The first numbers of seed 0 and 1, fixed: a seed must mean the same on every JDK and in every
     * version.
     */
    @Test
    void aSeedMeansTheSameForEver() {
        assertThat(new SeededRandom(0).nextLong()).isEqualTo(0xe220a8397b1dcdafL);
        assertThat(new SeededRandom(0).fork("x").nextInt(1_000_000)).isEqualTo(625_346);
    }

    private SimulatedProcess process(String name, int number) {
        return new SimulatedProcess(
                time, MachineClock.exact(time), SchedulingDelays.CALM, name, number);
    }

    private static int number(String task) {
        return Integer.parseInt(task.substring("task".length()));
    }

    private static List<Integer> orderOfTen(long seed) {
        VirtualTime time = new VirtualTime(seed);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int number = i;
            time.at(5, "tie", i, () -> order.add(number));
        }
        time.runFor(10);
        return order;
    }

    private static long traceOf(long seed) {
        VirtualTime time = new VirtualTime(seed);
        SimulatedProcess process =
                new SimulatedProcess(
                        time, MachineClock.exact(time), SchedulingDelays.LOADED, "p", 1);
        SimulatedLoop loop = process.loop("core");
        for (int i = 0; i < 50; i++) {
            loop.at(i * 1_000L, () -> loop.execute(() -> {}));
        }
        time.runFor(SECOND);
        assertThat(time.trace().events()).isGreaterThan(100);
        return time.trace().value();
    }
}
