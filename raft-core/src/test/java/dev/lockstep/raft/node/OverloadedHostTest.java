package dev.lockstep.raft.node;

import static dev.lockstep.raft.node.ThreeHosts.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Overloaded;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.Command;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A leader that has too much to do, on real threads. */
@Timeout(60)
class OverloadedHostTest {
    private static final int WEIGHT = Entry.OVERHEAD_BYTES + 8;

    private final StoppedClock clock = new StoppedClock();
    private final Semaphore mayApply = new Semaphore(0);
    private final ThreeHosts three =
            new ThreeHosts(
                            RaftOptions.defaults()
                                    .with()
                                    .electionTimeout(Duration.ofSeconds(1))
                                    .maxUnappliedBytes(WEIGHT)
                                    .build())
                    .timedBy(clock);

    @AfterEach
    void stop() throws Exception {
        clock.stoppedAt = 0;
        mayApply.release(1_000);
        three.close();
    }

    /** Time passes until it is stopped. */
    private static final class StoppedClock implements Clock {
        private volatile long stoppedAt;

        @Override
        public long nanoTime() {
            return stoppedAt != 0 ? stoppedAt : Clock.SYSTEM.nanoTime();
        }

        @Override
        public long wallMillis() {
            return Clock.SYSTEM.wallMillis();
        }
    }

    /** Applies as much as it may. */
    private final class Slow extends SumMachine {
        @Override
        public Payload apply(Command command) {
            mayApply.acquireUninterruptibly();
            return super.apply(command);
        }
    }

    @Test
    void aRefusalForWantOfRoomHoldsUpNothingThatComesLater() throws Exception {
        three.startAll(Slow::new);
        String leader = three.leader();
        RaftGroup group = three.on(leader);
        await().until(() -> group.status().applied() > 0);
        clock.stoppedAt = Clock.SYSTEM.nanoTime(); // what waits for a time waits for ever

        CompletableFuture<Payload> first = group.propose(Payload.of(1));
        await().until(() -> group.status().backlog().unappliedBytes() == WEIGHT);
        assertThatThrownBy(() -> get(group.propose(Payload.of(1))))
                .hasCauseInstanceOf(Overloaded.class);
        mayApply.release(3);
        assertThat(get(first).asLong()).isEqualTo(1);
        await().until(() -> group.status().backlog().unappliedBytes() == 0);
        mayApply.release(3);
        assertThat(get(group.propose(Payload.of(1))).asLong()).isEqualTo(2);
    }

    @Test
    void theLongerNothingEndsTheLaterClientsAreToComeBack() throws Exception {
        three.startAll(Slow::new);
        RaftGroup group = three.on(three.leader());
        await().until(() -> group.status().applied() > 0);
        CompletableFuture<Payload> first = group.propose(Payload.of(1));
        await().until(() -> group.status().backlog().unappliedBytes() == WEIGHT);
        await().until(
                        () -> {
                            CompletableFuture<Payload> refused = group.propose(Payload.of(1));
                            Throwable why = refused.handle((done, e) -> e).get();
                            return why instanceof Overloaded overloaded
                                    && overloaded.retryAfter().compareTo(Duration.ofMillis(500))
                                            > 0;
                        });
        mayApply.release(1);
        assertThat(get(first).asLong()).isEqualTo(1);
    }
}
