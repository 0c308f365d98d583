package dev.lockstep.raft.testkit.net;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.Transport;
import dev.lockstep.raft.testkit.sim.SimulatedLoop;
import dev.lockstep.raft.testkit.sim.SimulatedProcess;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One host's end of the {@link SimulatedNetwork}, for one life of its process. */
public final class SimulatedTransport implements Transport {
    private final SimulatedNetwork network;
    private final NodeId node;
    private final SimulatedProcess process;
    private final SimulatedLoop loop;
    private final boolean lendsLoop;

    /** Whose other end is there, as the network knows it. */
    private final Map<NodeId, SimulatedTransport> connected = new TreeMap<>();

    /**
     * Whom the host was told to be connected to; behind {@link #connected} by what waits in the
     * loop.
     */
    private final Set<NodeId> told = new HashSet<>();

    private final Map<NodeId, Wire> wires = new HashMap<>();
    private final List<Queued> outbox = new ArrayList<>();
    private final List<Envelope> inbox = new ArrayList<>();
    private @Nullable HostIdentity identity;
    private @Nullable Receiver receiver;

    SimulatedTransport(
            SimulatedNetwork network, NodeId node, SimulatedProcess process, boolean lendsLoop) {
        this.network = network;
        this.node = node;
        this.process = process;
        this.lendsLoop = lendsLoop;
        this.loop = process.loop("net");
        process.atDeath(() -> network.ended(this));
    }

    @Override
    public void start(HostIdentity self, List<PeerAddress> peers, Receiver to) {
        identity = self;
        receiver = to;
        network.started(this);
    }

    @Override
    public @Nullable EventLoop loop() {
        return lendsLoop ? loop : null;
    }

    @Override
    public boolean send(NodeId to, Envelope envelope) {
        if (!told.contains(to) || !network.hasRoom(wire(to), envelope.message())) {
            return false;
        }
        outbox.add(new Queued(wire(to), envelope));
        return true;
    }

    @Override
    public void flush() {
        if (process.alive()) {
            for (int i = 0; i < outbox.size(); i++) {
                network.carry(this, outbox.get(i).wire, outbox.get(i).envelope);
            }
        }
        outbox.clear();
    }

    @Override
    public void close() {
        receiver = null;
        network.ended(this);
        loop.close();
    }

    private Wire wire(NodeId to) {
        return wires.computeIfAbsent(to, n -> network.wire(new Link(node, n)));
    }

    NodeId node() {
        return node;
    }

    int number() {
        return process.number();
    }

    boolean isConnectedTo(SimulatedTransport other) {
        return connected.get(other.node) == other;
    }

    /** The handshake, as far as this side has a say; a refusal is told to both sides. */
    boolean accepts(SimulatedTransport other) {
        HostIdentity mine = identity;
        HostIdentity theirs = other.identity;
        if (mine == null || theirs == null || mine.cluster().equals(theirs.cluster())) {
            return mine != null && theirs != null;
        }
        Fault fault =
                new Fault(
                        Fault.Code.WRONG_PEER,
                        mine.node()
                                + " is of cluster "
                                + mine.cluster()
                                + ", "
                                + theirs.node()
                                + " of "
                                + theirs.cluster());
        call(to -> to.refused(theirs.node(), fault));
        other.call(to -> to.refused(mine.node(), fault));
        return false;
    }

    void connected(SimulatedTransport other) {
        // The other end may have been restarted before its first life was missed.
        disconnected(other.node);
        connected.put(other.node, other);
        call(
                to -> {
                    told.add(other.node);
                    to.connected(other.node);
                });
    }

    void disconnectedFrom(SimulatedTransport other) {
        if (isConnectedTo(other)) {
            disconnected(other.node);
        }
    }

    void disconnected(NodeId peer) {
        if (connected.remove(peer) != null) {
            call(
                    to -> {
                        told.remove(peer);
                        to.disconnected(peer);
                    });
        }
    }

    /** Envelopes that arrive while the loop is busy come as one batch, as they do from a socket. */
    void deliver(Envelope envelope) {
        inbox.add(envelope);
        if (inbox.size() == 1) {
            call(
                    to -> {
                        List<Envelope> batch = List.copyOf(inbox);
                        inbox.clear();
                        batch.forEach(to::received);
                        to.endOfBatch();
                    });
        }
    }

    private void call(Consumer<Receiver> call) {
        loop.execute(
                () -> {
                    Receiver to = receiver;
                    if (to != null) {
                        call.accept(to);
                    }
                });
    }

    private record Queued(Wire wire, Envelope envelope) {}
}
