package dev.lockstep.raft.harness.check;

import dev.lockstep.raft.harness.client.StateDigest;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.workload.Load;
import java.util.List;

/** All checks. */
public final class ClusterCheck {
    private ClusterCheck() {}

    /**
     * Ends the load, and holds what it remembers against what these nodes say.
     *
     * @return the state that they all hold
     * @throws AssertionError when a client or a check saw what must not be
     */
    public static StateDigest endOf(Load load, List<ServerNode> nodes) throws InterruptedException {
        load.stop();
        WriteCheck.through(nodes, load.writes());
        CounterCheck.through(nodes, load.counter());
        return ReplicaCheck.awaitEqual(nodes);
    }
}
