package dev.lockstep.raft.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A leader that was away learns by one message that it is deposed and what was committed. */
@Timeout(60)
class OverwrittenProposalTest {
    private final MemoryNetwork network = new MemoryNetwork();
    private volatile @Nullable NodeId away;

    /** Stands still while its process is stopped. */
    private static final class Stoppable implements Clock {
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

    @Test
    void aProposalIsNeverAnsweredWithTheResultOfTheOneThatOverwroteIt() throws Exception {
        List<RaftHost> hosts = new ArrayList<>();
        Map<NodeId, RaftGroup> groups = new TreeMap<>();
        Map<NodeId, Stoppable> clocks = new TreeMap<>();
        for (String node : List.of("n1", "n2", "n3")) {
            Stoppable clock = new Stoppable();
            RaftHost host = start(node, clock);
            hosts.add(host);
            groups.put(NodeId.of(node), host.open("echo", new EchoMachine()));
            clocks.put(NodeId.of(node), clock);
        }
        await().until(() -> groups.values().stream().anyMatch(OverwrittenProposalTest::leads));
        NodeId stopped = groups.get(NodeId.of("n1")).awaitLeader().get(10, TimeUnit.SECONDS);
        RaftGroup old = groups.remove(stopped);
        old.propose(Payload.of("before")).get(10, TimeUnit.SECONDS);

        clocks.get(stopped).stoppedAt = Clock.SYSTEM.nanoTime();
        network.cut(stopped);
        long last = old.status().lastIndex();
        CompletableFuture<Payload> lost = old.propose(Payload.of("lost"));
        CompletableFuture<Payload> lostToo = old.propose(Payload.of("lost too"));
        await().until(() -> old.status().lastIndex() == last + 2);
        await().until(() -> groups.values().stream().anyMatch(OverwrittenProposalTest::leads));
        RaftGroup next =
                groups.values().stream().filter(OverwrittenProposalTest::leads).findAny().get();
        next.propose(Payload.of("kept")).get(10, TimeUnit.SECONDS);
        away = stopped;
        network.join(stopped);

        assertThatThrownBy(() -> lostToo.get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(NotDone.class);
        assertThatThrownBy(() -> lost.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(NotDone.class);
        assertThat(old.status().fault()).isNull();
        for (RaftHost host : hosts) {
            host.close();
        }
    }

    private static boolean leads(RaftGroup group) {
        return group.status().role() == Role.LEADER;
    }

    private RaftHost start(String node, Clock clock) throws IOException {
        return RaftHost.builder()
                .cluster("test")
                .node(node)
                .peers("n1=h:1", "n2=h:2", "n3=h:3")
                .storage(new MemoryStorage())
                .transport(appendsOnly(network.transport()))
                .clock(clock)
                .options(
                        RaftOptions.defaults()
                                .with()
                                .electionTimeout(Duration.ofMillis(200))
                                .build())
                .start();
    }

    /** Who was away hears appends only, so one of them is the first that it hears. */
    private Transport appendsOnly(Transport carrier) {
        return new Transport() {
            @Override
            public void start(HostIdentity identity, List<PeerAddress> peers, Receiver receiver)
                    throws IOException {
                carrier.start(identity, peers, receiver);
            }

            @Override
            public @Nullable EventLoop loop() {
                return carrier.loop();
            }

            @Override
            public boolean send(NodeId to, Envelope envelope) {
                boolean lost = to.equals(away) && !(envelope.message() instanceof AppendEntries);
                return lost || carrier.send(to, envelope);
            }

            @Override
            public void flush() {
                carrier.flush();
            }

            @Override
            public void close() {
                carrier.close();
            }
        };
    }
}
