package dev.lockstep.raft.testkit;

import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.testkit.check.SafetyChecker;
import dev.lockstep.raft.testkit.net.MessageCodec;
import dev.lockstep.raft.testkit.net.SimulatedNetwork;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The machines of one run, and what they share. */
final class SimulatedCluster {
    static final GroupId GROUP = GroupId.of("registers");

    private static final int FIRST_PORT = 7001;

    private final VirtualTime time;
    private final FaultPlan plan;
    private final SimulatedNetwork network;
    private final SafetyChecker safety;
    private final List<PeerAddress> peers = new ArrayList<>();
    private final List<NodeId> founders = new ArrayList<>();

    /** Those in service. */
    private final List<SimulatedMachine> machines = new ArrayList<>();

    private final ArrayDeque<SimulatedMachine> spares = new ArrayDeque<>();
    private int lives;

    SimulatedCluster(VirtualTime time, FaultPlan plan, Supplier<StateMachine> application) {
        this.time = time;
        this.plan = plan;
        this.network =
                new SimulatedNetwork(
                        time,
                        plan.wireCodec()
                                ? new WireRoundTrip(new Versions())
                                : MessageCodec.BY_REFERENCE);
        this.safety = new SafetyChecker(time::fail, time.sometimes()::hit);
        network.setFaults(plan.network());
        // A transport delivers at most once; the protocol itself bears more, and is shown to. Only
        // a forwarded command would be appended as often as it comes; one of a session may be.
        network.repeatOnly(
                message ->
                        !(message instanceof ForwardProposal forward
                                && forward.kind() == EntryKind.COMMAND));
        for (int i = 1; i <= plan.nodes() + plan.spares(); i++) {
            NodeId node = NodeId.of("n" + i);
            peers.add(new PeerAddress(node, "simulated", FIRST_PORT + i));
            SimulatedMachine machine =
                    new SimulatedMachine(this, node, isWitness(plan, i) ? null : application);
            if (i <= plan.nodes()) {
                founders.add(node);
                machines.add(machine);
            } else {
                spares.add(machine);
            }
        }
    }

    /** Where the group has a witness, the first spare is to take its place. */
    private static boolean isWitness(FaultPlan plan, int number) {
        return plan.witness() > 0 && (number == plan.witness() || number == plan.nodes() + 1);
    }

    VirtualTime time() {
        return time;
    }

    FaultPlan plan() {
        return plan;
    }

    SimulatedNetwork network() {
        return network;
    }

    SafetyChecker safety() {
        return safety;
    }

    RaftOptions options() {
        return plan.options();
    }

    List<PeerAddress> peers() {
        return peers;
    }

    /** Who founds the group: all but the spares. */
    List<NodeId> founders() {
        return founders;
    }

    boolean isFounder(SimulatedMachine machine) {
        return founders.contains(machine.node());
    }

    /** Takes a spare into service, which has never run; null when there is none left. */
    @Nullable SimulatedMachine takeSpare() {
        SimulatedMachine spare = spares.poll();
        if (spare != null) {
            machines.add(spare);
        }
        return spare;
    }

    List<SimulatedMachine> machines() {
        return machines;
    }

    List<NodeId> nodes() {
        return machines.stream().map(SimulatedMachine::node).toList();
    }

    /** Those that aren't lost for good. */
    List<SimulatedMachine> alive() {
        return machines.stream().filter(machine -> !machine.isLost()).toList();
    }

    /** Those of them that have a state. */
    List<SimulatedMachine> aliveWithState() {
        return alive().stream().filter(machine -> !machine.isWitness()).toList();
    }

    /** Whoever leads, as far as it knows; null when nobody does. */
    @Nullable SimulatedMachine leader() {
        for (SimulatedMachine machine : machines) {
            if (machine.leads()) {
                return machine;
            }
        }
        return null;
    }

    int nextLife() {
        return lives++;
    }

    private final class Versions implements WireRoundTrip.Versions {
        @Override
        public boolean isNext(NodeId node) {
            return machines.stream()
                    .anyMatch(machine -> machine.node().equals(node) && machine.isNextVersion());
        }

        @Override
        public void crossed(boolean toNext) {
            time.sometimes()
                    .hit(
                            toNext
                                    ? "sent from this version to the next"
                                    : "sent from the next version to this");
        }
    }
}
