package dev.lockstep.raft.harness.check;

import dev.lockstep.raft.harness.client.NodeClient;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.workload.CounterHistory;
import java.util.List;

/** No acknowledged increment is lost, and none took effect twice. */
public final class CounterCheck {
    private CounterCheck() {}

    /**
     * Reads linearizably through each of the nodes. Nobody may count meanwhile.
     *
     * @throws AssertionError when the counter can't be explained
     */
    public static void through(List<ServerNode> nodes, CounterHistory history)
            throws InterruptedException {
        long least = Math.max(history.acknowledged(), history.highest());
        long most = history.acknowledged() + history.unknown();
        for (ServerNode node : nodes) {
            try (NodeClient client = node.client()) {
                String text = client.read(jedis -> String.valueOf(jedis.get(CounterHistory.KEY)));
                long value = text.equals("null") ? 0 : Long.parseLong(text);
                if (value < least || value > most) {
                    throw new AssertionError(
                            String.format(
                                    "the counter is %d through %s; %d increments were acknowledged, up to %d, and %d are unknown",
                                    value,
                                    node,
                                    history.acknowledged(),
                                    history.highest(),
                                    history.unknown()));
                }
            }
        }
    }
}
