package dev.lockstep.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.RequestReadIndex;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.ReadLevel;
import dev.lockstep.raft.spi.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReadNumbersTest {
    private final MemoryNetwork network = new MemoryNetwork();
    private final Map<String, MemoryStorage> disks = new HashMap<>();
    private final ConcurrentLinkedQueue<Long> asked = new ConcurrentLinkedQueue<>();

    private RaftHost start(String node) throws IOException {
        return RaftHost.builder()
                .cluster("test")
                .node(node)
                .peers("n1=h:1", "n2=h:2", "n3=h:3")
                .storage(disks.computeIfAbsent(node, n -> new MemoryStorage()))
                .transport(new Listening(network.transport()))
                // So long that nobody takes over while a host is away.
                .options(
                        RaftOptions.defaults()
                                .with()
                                .electionTimeout(Duration.ofSeconds(3))
                                .build())
                .start();
    }

    /** Notes the numbers of the questions that leave. */
    private final class Listening implements Transport {
        private final Transport network;

        Listening(Transport network) {
            this.network = network;
        }

        @Override
        public void start(HostIdentity identity, List<PeerAddress> peers, Receiver receiver)
                throws IOException {
            network.start(identity, peers, receiver);
        }

        @Override
        public @Nullable EventLoop loop() {
            return network.loop();
        }

        @Override
        public boolean send(NodeId to, Envelope envelope) {
            if (envelope.message() instanceof RequestReadIndex question) {
                asked.add(question.id());
            }
            return network.send(to, envelope);
        }

        @Override
        public void flush() {
            network.flush();
        }

        @Override
        public void close() {
            network.close();
        }
    }

    /** Else an answer to its former process could pass for one to this, with too low an index. */
    @Test
    void aReplicaDoesNotAskUnderTheNumbersOfItsFormerLife() throws Exception {
        Map<String, RaftHost> hosts = new HashMap<>();
        Map<String, RaftGroup> groups = new HashMap<>();
        for (String node : List.of("n1", "n2", "n3")) {
            hosts.put(node, start(node));
            groups.put(node, hosts.get(node).open("echo", new EchoMachine()));
        }
        try {
            String leader = groups.get("n1").awaitLeader().get(30, TimeUnit.SECONDS).value();
            String follower = leader.equals("n1") ? "n2" : "n1";
            List<Long> former = new ArrayList<>();
            for (int life = 0; life < 3; life++) {
                asked.clear();
                for (int i = 0; i < 5; i++) {
                    groups.get(follower)
                            .read(Payload.EMPTY, ReadLevel.LINEARIZABLE)
                            .get(30, TimeUnit.SECONDS);
                }
                assertThat(asked).isNotEmpty();
                former.addAll(asked);
                assertThat(former).doesNotHaveDuplicates();
                hosts.get(follower).close();
                hosts.put(follower, start(follower));
                groups.put(follower, hosts.get(follower).open("echo", new EchoMachine()));
            }
        } finally {
            for (RaftHost host : hosts.values()) {
                host.close();
            }
        }
    }
}
