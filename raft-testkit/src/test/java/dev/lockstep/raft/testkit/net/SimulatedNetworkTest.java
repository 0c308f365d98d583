package dev.lockstep.raft.testkit.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.Transport;
import dev.lockstep.raft.testkit.sim.MachineClock;
import dev.lockstep.raft.testkit.sim.SchedulingDelays;
import dev.lockstep.raft.testkit.sim.SimulatedProcess;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SimulatedNetworkTest {
    private static final long SECOND = 1_000_000_000;
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");

    private final VirtualTime time = new VirtualTime(11);
    private final SimulatedNetwork network = new SimulatedNetwork(time, MessageCodec.BY_REFERENCE);
    private int lives;

    @Test
    void hostsThatAreBothUpGetConnected() {
        Host one = new Host("n1", "c");
        time.runFor(SECOND);
        assertThat(one.events).isEmpty();
        assertThat(one.send(N2, 1)).isFalse();
        Host two = new Host("n2", "c");
        time.runFor(SECOND);
        assertThat(one.events).containsExactly("connected n2");
        assertThat(two.events).containsExactly("connected n1");
        assertThat(one.send(N2, 1)).isTrue();
    }

    @Test
    void deliversInOrderWithoutFaults() {
        Host one = new Host("n1", "c");
        Host two = new Host("n2", "c");
        time.runFor(SECOND);
        for (int i = 1; i <= 50; i++) {
            one.send(N2, i);
        }
        time.runFor(SECOND);
        assertThat(two.rounds).hasSize(50).isSorted();
        assertThat(two.batches).isLessThan(50);
    }

    @Test
    void dropsDuplicatesAndReordersAsToldTo() {
        network.setFaults(new NetworkFaults(1_000, 10_000, 0.2, 0.2, 0.2, SECOND / 10, false, 0));
        Host one = new Host("n1", "c");
        Host two = new Host("n2", "c");
        time.runFor(SECOND);
        for (int i = 1; i <= 1000; i++) {
            one.send(N2, i);
        }
        time.runFor(SECOND);
        NetworkFigures figures = network.figures();
        assertThat(figures.dropped()).isBetween(150L, 250L);
        assertThat(figures.duplicated()).isBetween(110L, 210L);
        assertThat(two.rounds).hasSize((int) (1000 - figures.dropped() + figures.duplicated()));
        assertThat(Set.copyOf(two.rounds)).hasSize((int) (1000 - figures.dropped()));
        assertThat(two.rounds).isNotEqualTo(two.rounds.stream().sorted().toList());
    }

    @Test
    void aCutIsOneWayAndSeenOnlyByAKeepalive() {
        Host one = new Host("n1", "c");
        Host two = new Host("n2", "c");
        time.runFor(SECOND);
        network.cut(N1, N2);
        assertThat(one.send(N2, 1)).isTrue();
        two.send(N1, 2);
        time.runFor(1_000_000);
        assertThat(two.rounds).isEmpty();
        assertThat(one.rounds).containsExactly(2L);
        time.runFor(4 * SECOND);
        assertThat(one.events).containsExactly("connected n2", "disconnected n2");
        network.mend(N1, N2);
        time.runFor(SECOND);
        assertThat(two.events).containsExactly("connected n1", "disconnected n1", "connected n1");
    }

    @Test
    void aKilledHostIsMissedAtOnceAndFoundAgain() {
        Host one = new Host("n1", "c");
        Host two = new Host("n2", "c");
        time.runFor(SECOND);
        one.send(N2, 1);
        two.process.kill();
        time.runFor(10_000_000);
        assertThat(one.events).containsExactly("connected n2", "disconnected n2");
        Host again = new Host("n2", "c");
        time.runFor(SECOND);
        assertThat(one.events).endsWith("connected n2");
        assertThat(two.rounds).isEmpty();
        assertThat(again.rounds).isEmpty();
    }

    @Test
    void aMessageOutlivesItsConnectionOnlyWhenToldTo() {
        network.setFaults(new NetworkFaults(SECOND, SECOND + 1, 0, 0, 0, 1, true, 0));
        Host one = new Host("n1", "c");
        Host two = new Host("n2", "c");
        time.runFor(SECOND);
        one.send(N2, 1);
        two.process.kill();
        Host again = new Host("n2", "c");
        time.runFor(2 * SECOND);
        assertThat(again.rounds).containsExactly(1L);
    }

    @Test
    void hostsOfTwoClustersRefuseEachOther() {
        Host one = new Host("n1", "c");
        Host two = new Host("n2", "d");
        time.runFor(SECOND);
        assertThat(one.events).containsExactly("refused n2 WRONG_PEER");
        assertThat(two.events).containsExactly("refused n1 WRONG_PEER");
    }

    @Test
    void everyMessagePassesTheCodec() {
        SimulatedNetwork coded =
                new SimulatedNetwork(
                        time,
                        (envelope, to) ->
                                new Envelope(
                                        envelope.group() + 1, envelope.from(), envelope.message()));
        Host one = new Host("n1", "c", coded);
        Host two = new Host("n2", "c", coded);
        time.runFor(SECOND);
        one.send(N2, 1);
        time.runFor(SECOND);
        assertThat(two.groups).containsExactly(8L);
    }

    private final class Host implements Transport.Receiver {
        final List<String> events = new ArrayList<>();
        final List<Long> rounds = new ArrayList<>();
        final List<Long> groups = new ArrayList<>();
        final SimulatedProcess process;
        private final SimulatedTransport transport;
        private final ReplicaId replica;
        int batches;

        Host(String name, String cluster) {
            this(name, cluster, network);
        }

        Host(String name, String cluster, SimulatedNetwork in) {
            process =
                    new SimulatedProcess(
                            time, MachineClock.exact(time), SchedulingDelays.CALM, name, lives++);
            NodeId node = NodeId.of(name);
            replica = new ReplicaId(node, new UUID(0, lives));
            transport = in.transport(node, process, true);
            transport.start(
                    new HostIdentity(new ClusterId(cluster), node, new UUID(1, lives), 1, 1),
                    List.of(),
                    this);
        }

        boolean send(NodeId to, long round) {
            boolean sent = transport.send(to, new Envelope(7, replica, new Heartbeat(1, 0, round)));
            transport.flush();
            return sent;
        }

        @Override
        public void received(Envelope envelope) {
            rounds.add(((Heartbeat) envelope.message()).round());
            groups.add(envelope.group());
        }

        @Override
        public void endOfBatch() {
            batches++;
        }

        @Override
        public void connected(NodeId peer) {
            events.add("connected " + peer);
        }

        @Override
        public void disconnected(NodeId peer) {
            events.add("disconnected " + peer);
        }

        @Override
        public void refused(@Nullable NodeId peer, Fault fault) {
            events.add("refused " + peer + " " + fault.code());
        }
    }
}
