package dev.lockstep.raft.harness.check;

import dev.lockstep.raft.harness.Patience;
import dev.lockstep.raft.harness.client.NodeClient;
import dev.lockstep.raft.harness.client.StateDigest;
import dev.lockstep.raft.harness.process.ServerNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Replicas that have applied the same commands hold the same. */
public final class ReplicaCheck {
    private final Map<Long, String> hashes = new HashMap<>();

    private ReplicaCheck() {}

    /**
     * Waits until all replicas have applied the same, which they do once nobody writes.
     *
     * @return their state
     * @throws AssertionError when two differ at the same index, at any time
     */
    public static StateDigest awaitEqual(List<ServerNode> nodes) throws InterruptedException {
        ReplicaCheck check = new ReplicaCheck();
        List<StateDigest> last = new ArrayList<>();
        return Patience.await(
                Patience.DEFAULT,
                () -> "the replicas don't reach the same index: " + last,
                () -> {
                    last.clear();
                    for (ServerNode node : nodes) {
                        StateDigest digest = check.digestOf(node);
                        if (digest != null) {
                            last.add(digest);
                        }
                    }
                    return last.size() == nodes.size() && last.stream().distinct().count() == 1
                            ? last.get(0)
                            : null;
                });
    }

    private @Nullable StateDigest digestOf(ServerNode node) {
        try (NodeClient client = node.client()) {
            StateDigest digest = client.digest();
            if (digest != null) {
                String known = hashes.putIfAbsent(digest.index(), digest.sha256());
                if (known != null && !known.equals(digest.sha256())) {
                    throw new AssertionError(
                            "at index "
                                    + digest.index()
                                    + " the state is "
                                    + digest.sha256()
                                    + " on "
                                    + node
                                    + " and "
                                    + known
                                    + " on another");
                }
            }
            return digest;
        }
    }
}
