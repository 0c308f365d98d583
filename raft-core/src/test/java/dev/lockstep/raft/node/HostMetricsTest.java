package dev.lockstep.raft.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.RaftMetrics;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a host's metrics hear, on real threads. */
@Timeout(60)
class HostMetricsTest {
    private final ThreeHosts three =
            new ThreeHosts(
                    RaftOptions.defaults()
                            .with()
                            .electionTimeout(Duration.ofSeconds(2))
                            .proposalTimeout(Duration.ofSeconds(20))
                            .maxPayloadBytes(100)
                            .build());
    private final Map<String, Counting> counts = new ConcurrentHashMap<>();

    @AfterEach
    void stop() throws Exception {
        three.close();
    }

    private Counting on(String node) {
        return counts.computeIfAbsent(node, each -> new Counting());
    }

    /** Counts what it is told, and adds up the times. */
    private static final class Counting implements RaftMetrics {
        final Map<String, AtomicLong> times = new ConcurrentSkipListMap<>();
        final Map<String, AtomicLong> sums = new ConcurrentSkipListMap<>();

        private void add(String what, long amount) {
            assertThat(amount).as(what).isNotNegative();
            times.computeIfAbsent(what, each -> new AtomicLong()).incrementAndGet();
            sums.computeIfAbsent(what, each -> new AtomicLong()).addAndGet(amount);
        }

        long times(String what) {
            return times.getOrDefault(what, new AtomicLong()).get();
        }

        long sum(String what) {
            return sums.getOrDefault(what, new AtomicLong()).get();
        }

        @Override
        public void mailboxWaited(long nanos) {
            add("mailbox", nanos);
        }

        @Override
        public void batchStepped(long nanos, int replicas) {
            add("batch", nanos);
            add("replicas", replicas);
        }

        @Override
        public void logWritten(long waitNanos, long nanos, int writes, long bytes) {
            add("log wait", waitNanos);
            add("log", nanos);
            add("writes", writes);
            add("log bytes", bytes);
        }

        @Override
        public void acknowledged(GroupId group, NodeId peer, long nanos) {
            add("ack " + peer, nanos);
        }

        @Override
        public void committed(GroupId group, long nanos) {
            add("commit", nanos);
        }

        @Override
        public void applied(GroupId group, long waitNanos, long nanos, int entries) {
            add("apply wait", waitNanos);
            add("apply", nanos);
            add("entries", entries);
        }

        @Override
        public void completed(GroupId group, long nanos, long totalNanos) {
            add("complete", nanos);
            add("total", totalNanos);
            assertThat(nanos).isLessThanOrEqualTo(totalNanos);
        }

        @Override
        public void proposalRefused(GroupId group, NotDone.Reason why) {
            add("refused " + why, 1);
        }

        @Override
        public void proposalUnknown(GroupId group) {
            add("unknown", 1);
        }

        @Override
        public void entriesSent(GroupId group, NodeId peer, int entries, long bytes) {
            add("sent " + peer, entries);
            add("sent bytes " + peer, bytes);
        }

        @Override
        public void snapshotSent(GroupId group, NodeId peer, long bytes) {
            add("snapshot sent " + peer, bytes);
        }

        @Override
        public void snapshotTaken(GroupId group) {
            add("snapshot", 1);
        }

        @Override
        public void snapshotInstalled(GroupId group) {
            add("installed", 1);
        }

        @Override
        public void electionBegun(GroupId group) {
            add("election", 1);
        }

        @Override
        public void leadershipChanged(GroupId group, boolean here) {
            add(here ? "led here" : "led elsewhere", 1);
        }

        @Override
        public void faulted(Fault.Code code) {
            add(code.name(), 1);
        }

        @Override
        public void groupOpened(GroupId group) {
            add("opened", 1);
        }

        @Override
        public void groupClosed(GroupId group) {
            add("closed", 1);
        }

        @Override
        public void hostClosed() {
            add("host closed", 1);
        }
    }

    @Test
    void everyHopOfAProposalIsMeasured() throws Exception {
        three.measuredBy(this::on).startAll(SumMachine::new);
        String leader = three.leader();
        String follower = three.follower();
        three.add(leader, 10);
        await().until(() -> three.on(follower).status().applied() >= 11);

        Counting here = on(leader);
        assertThat(here.times("opened")).isEqualTo(1);
        assertThat(here.times("mailbox")).isPositive();
        assertThat(here.times("batch")).isPositive();
        assertThat(here.sum("replicas")).isGreaterThanOrEqualTo(here.times("batch"));
        assertThat(here.sum("log")).isPositive();
        // Ten commands of 8 bytes, and the entry that begins the term.
        assertThat(here.sum("log bytes")).isEqualTo(11L * Entry.OVERHEAD_BYTES + 10 * Long.BYTES);
        assertThat(here.sum("writes")).isGreaterThanOrEqualTo(here.times("log"));
        assertThat(here.times("ack " + follower)).isBetween(1L, 11L);
        assertThat(here.sum("ack " + follower)).isPositive();
        assertThat(here.sum("sent " + follower)).isGreaterThanOrEqualTo(11);
        assertThat(here.sum("sent bytes " + follower))
                .isGreaterThanOrEqualTo(here.sum("log bytes"));
        assertThat(here.times("commit")).isEqualTo(10); // one was waited for before the next
        assertThat(here.sum("commit")).isPositive();
        await().until(() -> here.sum("entries") == 11);
        assertThat(here.sum("apply")).isPositive();
        await().until(() -> here.times("complete") == 10);
        assertThat(here.sum("total")).isGreaterThan(here.sum("commit") + here.sum("complete"));
        assertThat(here.times("election")).isPositive();
        assertThat(here.times("led here")).isEqualTo(1);
        assertThat(on(follower).times("led elsewhere")).isEqualTo(1);
        assertThat(on(follower).times("commit") + on(follower).times("complete")).isZero();
        assertThat(on(follower).sum("log bytes")).isEqualTo(here.sum("log bytes"));

        three.add(follower, 3); // which are forwarded
        await().until(() -> on(follower).times("complete") == 3);
        assertThat(here.times("complete")).isEqualTo(10);
    }

    @Test
    void whatEndsOtherwiseAndWhatFailsIsCounted() throws Exception {
        three.measuredBy(this::on).startAll(SumMachine::new);
        String leader = three.leader();
        String follower = three.follower();
        assertThatThrownBy(
                        () -> ThreeHosts.get(three.on(leader).propose(Payload.of("x".repeat(101)))))
                .hasCauseInstanceOf(NotDone.class);
        assertThat(on(leader).times("refused TOO_LARGE")).isEqualTo(1);

        three.disk(follower).failNextSync = new IOException("no more");
        three.add(leader, 1);
        await().until(() -> on(follower).times("STORAGE_FAILED") == 1);
        assertThatThrownBy(() -> ThreeHosts.get(three.on(follower).propose(Payload.of(1))))
                .hasCauseInstanceOf(NotDone.class);
        await().until(() -> on(follower).times("refused HALTED") == 1);

        long unusedIndex = ThreeHosts.get(three.on(leader).snapshot());
        await().until(() -> on(leader).times("snapshot") == 1);
        three.stop(leader);
        assertThat(on(leader).times("closed")).isEqualTo(1);
        assertThat(on(leader).times("host closed")).isEqualTo(1);
    }

    @Test
    void metricsThatThrowHurtNobody() throws Exception {
        three.measuredBy(
                        node ->
                                new RaftMetrics() {
                                    @Override
                                    public void batchStepped(long nanos, int replicas) {
                                        throw new IllegalStateException("no metrics today");
                                    }

                                    @Override
                                    public void entriesSent(
                                            GroupId group, NodeId peer, int entries, long bytes) {
                                        throw new IllegalStateException("no metrics today");
                                    }

                                    @Override
                                    public void logWritten(
                                            long waitNanos, long nanos, int writes, long bytes) {
                                        throw new StackOverflowError("no metrics today");
                                    }
                                })
                .startAll(SumMachine::new);
        three.add(three.leader(), 5);
        assertThat(three.sumOn(three.leader())).isEqualTo(5);
        assertThat(List.of("n1", "n2", "n3"))
                .allMatch(node -> three.on(node).status().fault() == null);
    }

    /** The clock is the one thing that measuring costs; without metrics it isn't read for it. */
    @Test
    void withoutMetricsNoClockIsReadForThem() throws Exception {
        AtomicLong reads = new AtomicLong();
        three.timedBy(
                new Clock() {
                    @Override
                    public long nanoTime() {
                        if (isOfMetrics()) {
                            reads.incrementAndGet();
                        }
                        return System.nanoTime();
                    }

                    @Override
                    public long wallMillis() {
                        return System.currentTimeMillis();
                    }
                });
        three.startAll(SumMachine::new);
        three.add(three.leader(), 5);
        assertThat(reads).hasValue(0);
        three.close();

        three.measuredBy(this::on).startAll(SumMachine::new);
        three.add(three.leader(), 5);
        assertThat(reads.get()).isPositive(); // so the test sees them
    }

    /** Whoever asks is one of those that only measure. */
    private static boolean isOfMetrics() {
        return StackWalker.getInstance()
                .walk(
                        frames ->
                                frames.limit(6)
                                        .anyMatch(
                                                frame ->
                                                        frame.getClassName().endsWith("Meter")
                                                                || frame.getMethodName()
                                                                        .equals("measure")
                                                                || frame.getMethodName()
                                                                        .equals("applyMeasured")
                                                                || frame.getMethodName()
                                                                        .matches(
                                                                                "meter|beginBatch|endBatch")));
    }
}
