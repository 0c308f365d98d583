package dev.lockstep.raft.testkit.net;

import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.Lane;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.SimulatedProcess;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The network between the simulated hosts. Two hosts have one connection at most. A cut in one or
 * both directions is not seen at once: messages vanish, until the keepalive of one side gives the
 * connection up; then it is dialled again and again, until both directions work.
 */
public final class SimulatedNetwork {
    private static final long MILLI = 1_000_000;
    private static final long MAX_KEEPALIVE_NANOS = 3_000 * MILLI;
    private static final long MAX_REDIAL_NANOS = 300 * MILLI;
    private static final long MAX_RESET_NANOS = 2 * MILLI;

    /** Messages on their way to one host; few, but of control, so that sends are refused. */
    private static final int MAX_CONTROL = 4096;

    private static final int MAX_OTHERS = 32;

    private final VirtualTime time;
    private final SeededRandom random;
    private final MessageCodec codec;
    private final Map<Link, Wire> wires = new HashMap<>();
    private final Map<NodeId, SimulatedTransport> started = new TreeMap<>();
    private NetworkFaults faults = NetworkFaults.NONE;
    private Consumer<Envelope> watch = envelope -> {};
    private Predicate<Message> mayRepeat = message -> true;
    private long sent;
    private long delivered;
    private long dropped;
    private long duplicated;
    private long reordered;
    private long connections;

    public SimulatedNetwork(VirtualTime time, MessageCodec codec) {
        this.time = time;
        this.random = time.random().fork("network");
        this.codec = codec;
    }

    /**
     * The transport of one life of a host.
     *
     * @param lendsLoop whether it lends the host the loop on which messages arrive, as the
     *     production transport lends its I/O thread; otherwise they arrive on a loop that the host
     *     doesn't know, as if from a foreign thread
     */
    public SimulatedTransport transport(NodeId node, SimulatedProcess process, boolean lendsLoop) {
        return new SimulatedTransport(this, node, process, lendsLoop);
    }

    public void setFaults(NetworkFaults now) {
        faults = now;
    }

    /** Duplicates only what the predicate names. */
    public void repeatOnly(Predicate<Message> messages) {
        mayRepeat = messages;
    }

    /** Shows every message that is sent and isn't lost at once. */
    public void watch(Consumer<Envelope> watcher) {
        watch = watcher;
    }

    /** Lets everything vanish that goes this way, until it is mended as often as it was cut. */
    public void cut(NodeId from, NodeId to) {
        Link link = new Link(from, to);
        wire(link).cuts++;
        time.recent().note(() -> "network: cut " + link);
        time.after(
                random.nextLong(MAX_KEEPALIVE_NANOS),
                "keepalive",
                () -> {
                    if (wire(link).isCut()) {
                        disconnect(from, to, "keepalive");
                    }
                });
    }

    public void mend(NodeId from, NodeId to) {
        Wire wire = wire(new Link(from, to));
        wire.cuts = Math.max(0, wire.cuts - 1);
    }

    /** Cuts both directions between the two sides. */
    public void partition(Collection<NodeId> side, Collection<NodeId> other) {
        for (NodeId a : side) {
            for (NodeId b : other) {
                cut(a, b);
                cut(b, a);
            }
        }
    }

    /**
     * Breaks the connection between the two, as a router that was restarted does; it is dialled
     * again.
     */
    public void disconnect(NodeId a, NodeId b, String why) {
        SimulatedTransport left = started.get(a);
        SimulatedTransport right = started.get(b);
        time.recent().note(() -> "network: connection of " + a + " and " + b + " ends, " + why);
        if (left != null) {
            left.disconnected(b);
        }
        if (right != null) {
            right.disconnected(a);
        }
        if (left != null && right != null) {
            dial(left, right);
        }
    }

    /** Makes a link slower; 0 makes it normal. */
    public void slow(NodeId from, NodeId to, long extraNanos) {
        wire(new Link(from, to)).slownessNanos = extraNanos;
    }

    /**
     * Lets nothing of what is sent from now on arrive before that time has passed; none is lost.
     *
     * @param from lanes before that one aren't held up: what waits for a slow socket is overtaken
     *     by what is more urgent
     */
    public void clog(NodeId sender, NodeId to, Lane from, long nanos) {
        Link link = new Link(sender, to);
        time.recent().note(() -> "network: " + link + " is clogged from lane " + from);
        for (Lane lane : Lane.values()) {
            if (lane.compareTo(from) >= 0) {
                wire(link).of(lane).cloggedUntilNanos = time.now() + nanos;
            }
        }
    }

    /** Mends every cut, clogged and slow link; the chances of {@link #setFaults} stay. */
    public void mendAll() {
        for (Wire wire : wires.values()) {
            wire.cuts = 0;
            wire.slownessNanos = 0;
            for (Lane lane : Lane.values()) {
                wire.of(lane).cloggedUntilNanos = 0;
            }
        }
        time.recent().note(() -> "network: all links mended");
    }

    public NetworkFigures figures() {
        return new NetworkFigures(sent, delivered, dropped, duplicated, reordered, connections);
    }

    void started(SimulatedTransport transport) {
        started.put(transport.node(), transport);
        for (SimulatedTransport other : started.values()) {
            if (other != transport) {
                dial(transport, other);
            }
        }
    }

    /**
     * The transport was closed, or its process died, which resets its connections unless the reset
     * gets lost.
     */
    void ended(SimulatedTransport transport) {
        if (started.get(transport.node()) != transport) {
            return;
        }
        started.remove(transport.node());
        for (SimulatedTransport other : started.values()) {
            boolean lost = wire(new Link(transport.node(), other.node())).isCut();
            long delay = random.nextLong(lost ? MAX_KEEPALIVE_NANOS : MAX_RESET_NANOS);
            time.after(delay, "reset", () -> other.disconnectedFrom(transport));
        }
    }

    boolean hasRoom(Wire wire, Message message) {
        Lane lane = Lane.of(message);
        if (wire.of(lane).inFlight < (lane == Lane.CONTROL ? MAX_CONTROL : MAX_OTHERS)) {
            return true;
        }
        time.sometimes().hit("send refused: lane " + lane + " is full");
        return false;
    }

    void carry(SimulatedTransport from, Wire wire, Envelope envelope) {
        sent++;
        Message message = envelope.message();
        time.trace().add(message.getClass().getName().hashCode() + message.term());
        if (wire.isCut() || random.happens(faults.dropChance())) {
            dropped++;
            time.sometimes().hit("message lost");
            time.recent().note(() -> wire.link + " lost " + message);
            return;
        }
        time.recent().note(() -> wire.link + " " + message);
        watch.accept(envelope);
        SimulatedTransport target = started.get(wire.link.to());
        post(from, target, wire, envelope);
        if (random.happens(faults.duplicateChance()) && mayRepeat.test(message)) {
            duplicated++;
            time.sometimes().hit("message duplicated");
            post(from, target, wire, envelope);
        }
    }

    private void post(
            SimulatedTransport from,
            @Nullable SimulatedTransport target,
            Wire wire,
            Envelope envelope) {
        Wire.OfLane lane = wire.of(Lane.of(envelope.message()));
        long arrival =
                Math.max(time.now(), lane.cloggedUntilNanos)
                        + faults.latencyNanos(random)
                        + wire.slownessNanos;
        if (random.happens(faults.reorderChance())) {
            reordered++;
            time.sometimes().hit("message reordered");
            arrival += random.nextLong(faults.maxReorderNanos());
        } else {
            arrival = Math.max(arrival, lane.lastArrivalNanos + 1);
            lane.lastArrivalNanos = arrival;
        }
        lane.inFlight++;
        time.at(arrival, "deliver", from.number(), () -> arrive(from, target, wire, envelope));
    }

    private void arrive(
            SimulatedTransport from,
            @Nullable SimulatedTransport target,
            Wire wire,
            Envelope envelope) {
        wire.of(Lane.of(envelope.message())).inFlight--;
        SimulatedTransport now = started.get(wire.link.to());
        boolean sameConnection = now == target && now != null && now.isConnectedTo(from);
        if (now != null && (faults.outlivesConnections() || sameConnection)) {
            delivered++;
            now.deliver(codec.roundTrip(trimmed(envelope), wire.link.to()));
        } else {
            dropped++;
        }
    }

    private Envelope trimmed(Envelope envelope) {
        if (envelope.message() instanceof AppendEntries append
                && !append.entries().isEmpty()
                && random.happens(faults.trimChance())) {
            int kept = random.nextInt(append.entries().size());
            time.sometimes().hit("append trimmed");
            return new Envelope(
                    envelope.group(),
                    envelope.from(),
                    new AppendEntries(
                            append.term(),
                            append.previous(),
                            List.copyOf(append.entries().subList(0, kept)),
                            append.commit()));
        }
        return envelope;
    }

    private void dial(SimulatedTransport a, SimulatedTransport b) {
        time.after(
                random.nextLong(MAX_REDIAL_NANOS),
                "dial",
                () -> {
                    if (started.get(a.node()) != a
                            || started.get(b.node()) != b
                            || a.isConnectedTo(b)) {
                        return;
                    }
                    Link link = new Link(a.node(), b.node());
                    if (wire(link).isCut() || wire(link.back()).isCut()) {
                        dial(a, b);
                    } else if (a.accepts(b) && b.accepts(a)) {
                        connections++;
                        time.recent()
                                .note(
                                        () ->
                                                "network: "
                                                        + a.node()
                                                        + " and "
                                                        + b.node()
                                                        + " are connected");
                        a.connected(b);
                        b.connected(a);
                    }
                });
    }

    Wire wire(Link link) {
        return wires.computeIfAbsent(link, Wire::new);
    }
}
