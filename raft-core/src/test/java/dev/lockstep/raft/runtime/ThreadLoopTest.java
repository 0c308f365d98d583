package dev.lockstep.raft.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.EventLoop;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ThreadLoopTest {
    private final ThreadLoop loop = new ThreadLoop("loop-under-test");
    private final List<String> ran = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void close() {
        loop.close();
    }

    private void await(CountDownLatch latch) throws InterruptedException {
        latch.await();
    }

    @Test
    void runsTheTasksOfOneThreadInOrder() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            int number = i;
            loop.execute(() -> order.add(number));
        }
        loop.execute(done::countDown);
        await(done);
        assertThat(order).hasSize(10_000).isSorted();
    }

    @Test
    void knowsItsOwnThread() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        assertThat(loop.inLoop()).isFalse();
        loop.execute(
                () -> {
                    ran.add(loop.inLoop() + " " + Thread.currentThread().getName());
                    done.countDown();
                });
        await(done);
        assertThat(ran).containsExactly("true loop-under-test");
    }

    @Test
    void losesNoWakeupUnderContention() throws Exception {
        int threads = 4;
        int each = 20_000;
        AtomicInteger count = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(threads);
        for (int t = 0; t < threads; t++) {
            new Thread(
                            () -> {
                                for (int i = 0; i < each; i++) {
                                    CountDownLatch ran = new CountDownLatch(1);
                                    loop.execute(
                                            () -> {
                                                count.incrementAndGet();
                                                ran.countDown();
                                            });
                                    if (i % 16 == 0) {
                                        // The loop runs empty and parks in between.
                                        try {
                                            ran.await();
                                        } catch (InterruptedException e) {
                                            return;
                                        }
                                    }
                                }
                                done.countDown();
                            })
                    .start();
        }
        await(done);
        CountDownLatch last = new CountDownLatch(1);
        loop.execute(last::countDown);
        await(last);
        assertThat(count).hasValue(threads * each);
    }

    @Test
    void timersRunInTheOrderOfTheirDeadlinesAndNotEarly() throws Exception {
        CountDownLatch done = new CountDownLatch(3);
        long now = Clock.SYSTEM.nanoTime();
        for (int millis : List.of(30, 10, 20)) {
            long deadline = now + millis * 1_000_000L;
            loop.at(
                    deadline,
                    () -> {
                        ran.add(millis + (Clock.SYSTEM.nanoTime() < deadline ? " early" : ""));
                        done.countDown();
                    });
        }
        await(done);
        assertThat(ran).containsExactly("10", "20", "30");
    }

    @Test
    void timersOfOneDeadlineRunInTheOrderInWhichTheyWereSet() throws Exception {
        CountDownLatch done = new CountDownLatch(3);
        long deadline = Clock.SYSTEM.nanoTime() + 5_000_000;
        for (String name : List.of("a", "b", "c")) {
            loop.at(
                    deadline,
                    () -> {
                        ran.add(name);
                        done.countDown();
                    });
        }
        await(done);
        assertThat(ran).containsExactly("a", "b", "c");
    }

    @Test
    void aTimerWhoseTimeIsOverRunsAtOnce() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        loop.at(Clock.SYSTEM.nanoTime() - 1, done::countDown);
        await(done);
    }

    @Test
    void anEarlierTimerWakesALoopThatWaitsForALaterOne() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        long now = Clock.SYSTEM.nanoTime();
        loop.at(now + 3_600_000_000_000L, () -> ran.add("in an hour"));
        loop.at(now + 1_000_000, done::countDown);
        await(done);
        assertThat(ran).isEmpty();
    }

    @Test
    void aTimerThatIsCancelledInTheLoopNeverRuns() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        loop.execute(
                () -> {
                    long now = Clock.SYSTEM.nanoTime();
                    EventLoop.Cancellation cancelled = loop.at(now - 1, () -> ran.add("no"));
                    cancelled.cancel();
                    loop.at(now + 1_000_000, done::countDown);
                });
        await(done);
        assertThat(ran).isEmpty();
    }

    @Test
    void aTimerSetElsewhereCanBeCancelledInTheLoopToo() throws Exception {
        CountDownLatch set = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        List<EventLoop.Cancellation> timers = Collections.synchronizedList(new ArrayList<>());
        loop.execute(
                () -> {
                    try {
                        set.await();
                    } catch (InterruptedException e) {
                        ran.add("interrupted");
                    }
                    timers.get(0).cancel();
                    loop.at(Clock.SYSTEM.nanoTime() + 2_000_000, done::countDown);
                });
        timers.add(loop.at(Clock.SYSTEM.nanoTime() - 1, () -> ran.add("no")));
        set.countDown();
        await(done);
        assertThat(ran).isEmpty();
    }

    @Test
    void aTaskThatThrowsHarmsNoOther() throws Exception {
        CountDownLatch done = new CountDownLatch(2);
        Runnable broken =
                () -> {
                    ran.add("thrown");
                    throw new IllegalStateException("thrown by a test; ignore it in the log");
                };
        loop.execute(broken);
        loop.execute(done::countDown);
        loop.at(Clock.SYSTEM.nanoTime(), broken);
        loop.at(Clock.SYSTEM.nanoTime(), done::countDown);
        await(done);
        assertThat(ran).hasSize(2);
    }

    @Test
    void closeFinishesWhatWasGivenBeforeAndWhatThatGives() {
        for (int i = 0; i < 1_000; i++) {
            loop.execute(() -> loop.execute(() -> ran.add("inner")));
        }
        loop.close();
        assertThat(ran).hasSize(1_000);
    }

    @Test
    void closeDoesNotWaitForTimers() {
        loop.at(Clock.SYSTEM.nanoTime() + 3_600_000_000_000L, () -> ran.add("in an hour"));
        loop.close();
        assertThat(ran).isEmpty();
    }

    @Test
    void mayBeClosedFromItsOwnTaskAndTwice() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        loop.execute(
                () -> {
                    loop.close();
                    done.countDown();
                });
        await(done);
        loop.close();
        loop.close();
    }
}
