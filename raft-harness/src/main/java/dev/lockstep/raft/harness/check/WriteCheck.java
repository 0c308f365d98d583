package dev.lockstep.raft.harness.check;

import dev.lockstep.raft.harness.client.NodeClient;
import dev.lockstep.raft.harness.process.ServerNode;
import dev.lockstep.raft.harness.workload.WriteHistory;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads every key that was ever written: what was acknowledged is there, what failed is not, and
 * what is unknown is there whole or not at all.
 */
public final class WriteCheck {
    private static final int KEYS_PER_READ = 500;

    private final WriteHistory history;
    private final Violations violations = new Violations();

    private WriteCheck(WriteHistory history) {
        this.history = history;
    }

    /**
     * Reads linearizably through each of the nodes. Nobody may write meanwhile.
     *
     * @throws AssertionError when one lies
     */
    public static void through(List<ServerNode> nodes, WriteHistory history)
            throws InterruptedException {
        WriteCheck check = new WriteCheck(history);
        for (ServerNode node : nodes) {
            try (NodeClient client = node.client()) {
                check.through(client);
            }
        }
        check.violations.throwIfAny();
    }

    private void through(NodeClient client) throws InterruptedException {
        String node = client.node();
        readAll(
                client,
                history.acknowledged(),
                (key, value) -> {
                    if (value == null || !value.equals(WriteHistory.valueOf(key))) {
                        violations.add(node + ": acknowledged " + key + " holds " + value);
                    }
                });
        readAll(
                client,
                history.failed(),
                (key, value) -> {
                    if (value != null) {
                        violations.add(node + ": surely failed " + key + " holds " + value);
                    }
                });
        readAll(
                client,
                history.unknown(),
                (key, value) -> {
                    if (value != null && !value.equals(WriteHistory.valueOf(key))) {
                        violations.add(node + ": unknown " + key + " holds " + value);
                    }
                });
    }

    private interface Judge {
        void judge(String key, @Nullable String value);
    }

    private static void readAll(NodeClient client, List<String> keys, Judge judge)
            throws InterruptedException {
        for (int from = 0; from < keys.size(); from += KEYS_PER_READ) {
            List<String> some = keys.subList(from, Math.min(from + KEYS_PER_READ, keys.size()));
            List<@Nullable String> values =
                    client.read(jedis -> jedis.mget(some.toArray(String[]::new)));
            for (int i = 0; i < some.size(); i++) {
                judge.judge(some.get(i), values.get(i));
            }
        }
    }
}
