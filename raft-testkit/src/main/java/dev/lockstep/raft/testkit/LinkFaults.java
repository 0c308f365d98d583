package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.Lane;
import dev.lockstep.raft.testkit.net.SimulatedNetwork;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import java.util.ArrayList;
import java.util.List;

/** What the nemesis does to the network between the machines. */
final class LinkFaults {
    private static final long MAX_SLOWNESS_NANOS = 500_000_000L;

    private final SimulatedCluster cluster;
    private final SimulatedNetwork network;
    private final UntilMended until;

    LinkFaults(SimulatedCluster cluster, UntilMended until) {
        this.cluster = cluster;
        this.network = cluster.network();
        this.until = until;
    }

    /** Between these two alone; both still reach the others. */
    void cutBoth(NodeId a, NodeId b, long lasts) {
        cut(a, b, lasts);
        cut(b, a, lasts);
    }

    private void cut(NodeId from, NodeId to, long lasts) {
        if (!from.equals(to)) {
            network.cut(from, to);
            until.later(lasts, "mend", () -> network.mend(from, to));
        }
    }

    void partition(SeededRandom dice, long lasts) {
        List<NodeId> side = new ArrayList<>();
        List<NodeId> other = new ArrayList<>();
        cluster.nodes().forEach(node -> (dice.nextBoolean() ? side : other).add(node));
        for (NodeId a : side) {
            other.forEach(b -> cutBoth(a, b, lasts));
        }
    }

    void cutOneWay(NodeId node, SeededRandom dice, long lasts) {
        for (NodeId other : cluster.nodes()) {
            if (dice.nextBoolean()) {
                if (dice.nextBoolean()) {
                    cut(node, other, lasts);
                } else {
                    cut(other, node, lasts);
                }
            }
        }
    }

    void clog(NodeId node, SeededRandom dice, long lasts) {
        Lane from = dice.nextBoolean() ? Lane.CONTROL : Lane.LOG;
        for (NodeId other : cluster.nodes()) {
            if (dice.nextBoolean()) {
                network.clog(node, other, from, lasts);
            }
            if (dice.nextBoolean()) {
                network.clog(other, node, from, lasts);
            }
        }
    }

    void slow(NodeId node, SeededRandom dice, long lasts) {
        NodeId other = dice.pick(cluster.nodes());
        long slowness = dice.nextLong(MAX_SLOWNESS_NANOS);
        network.slow(node, other, slowness);
        network.slow(other, node, slowness);
        until.later(
                lasts,
                "fast again",
                () -> {
                    network.slow(node, other, 0);
                    network.slow(other, node, 0);
                });
    }

    void isolate(NodeId node, long lasts) {
        cluster.nodes().forEach(other -> cutBoth(node, other, lasts));
    }
}
