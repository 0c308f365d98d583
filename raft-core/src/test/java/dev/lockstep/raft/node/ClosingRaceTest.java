package dev.lockstep.raft.node;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import java.io.DataInputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ClosingRaceTest {
    @Test
    void aProposalThatMeetsTheEndOfItsHostEnds() throws Exception {
        AtomicReference<RaftHost> closing = new AtomicReference<>();
        Thread test = Thread.currentThread();
        Clock clock =
                new Clock() {
                    @Override
                    public long nanoTime() {
                        RaftHost host =
                                Thread.currentThread() == test ? closing.getAndSet(null) : null;
                        if (host != null) {
                            try {
                                host.close();
                            } catch (java.io.IOException e) {
                                throw new AssertionError(e);
                            }
                        }
                        return Clock.SYSTEM.nanoTime();
                    }

                    @Override
                    public long wallMillis() {
                        return Clock.SYSTEM.wallMillis();
                    }
                };
        RaftHost host =
                RaftHost.builder()
                        .cluster("test")
                        .node("n1")
                        .peers("n1=h:1")
                        .storage(new MemoryStorage())
                        .transport(new MemoryNetwork().transport())
                        .clock(clock)
                        .start();
        RaftGroup group =
                host.open(
                        "echo",
                        new StateMachine() {
                            @Override
                            public Payload apply(Command command) {
                                return command.payload();
                            }

                            @Override
                            public Payload query(Payload question) {
                                return question;
                            }

                            @Override
                            public SnapshotSource snapshot() {
                                return out -> {};
                            }

                            @Override
                            public void restore(DataInputStream in) {}
                        });
        group.awaitLeader().get(10, TimeUnit.SECONDS);
        closing.set(host);
        CompletableFuture<Payload> late = group.propose(Payload.of(1));
        assertThatThrownBy(() -> late.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(NotDone.class);
    }
}
