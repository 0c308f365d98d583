package dev.lockstep.raft.node;

import static dev.lockstep.raft.node.ThreeHosts.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A peer's queue is full, so the transport takes no append for it for a while. */
@Timeout(60)
class UnsentAppendTest {
    private volatile @Nullable NodeId full;

    /** Where each append began that was tried for that peer since. */
    private final List<Long> tried = new CopyOnWriteArrayList<>();

    @Test
    void whatTheTransportRefusedIsSentAgainFromTheSamePlace() throws Exception {
        RaftOptions options =
                RaftOptions.defaults().with().electionTimeout(Duration.ofSeconds(2)).build();
        try (ThreeHosts hosts = new ThreeHosts(options).through(this::bounded)) {
            hosts.startAll(SumMachine::new);
            String leader = hosts.leader();
            String other = ThreeHosts.otherThan(leader);
            hosts.add(leader, 3);
            long last = hosts.on(leader).status().lastIndex();
            await().until(() -> hosts.on(other).status().lastIndex() == last);
            full = NodeId.of(other);
            get(hosts.on(leader).propose(Payload.of(1)));
            await().until(() -> !tried.isEmpty());
            hosts.add(leader, 20); // by the other two
            await().until(() -> tried.size() >= 3);
            full = null;
            assertThat(tried).as("begin of each try").containsOnly(last);
            await().until(() -> hosts.on(other).status().lastIndex() == last + 21);
            assertThat(hosts.sumOn(other)).isEqualTo(24);
        }
    }

    private Transport bounded(Transport carrier) {
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
                if (to.equals(full) && envelope.message() instanceof AppendEntries append) {
                    tried.add(append.previous().index());
                    return false;
                }
                return carrier.send(to, envelope);
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
