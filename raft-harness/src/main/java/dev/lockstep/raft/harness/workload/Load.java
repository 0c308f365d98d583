package dev.lockstep.raft.harness.workload;

import dev.lockstep.raft.harness.Patience;
import dev.lockstep.raft.harness.process.ServerNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Clients of all nodes, each in a thread of its own. */
public final class Load implements AutoCloseable {
    private final WriteHistory writes = new WriteHistory();
    private final CounterHistory counter = new CounterHistory();
    private final List<LoadClient> clients = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private Load(List<ServerNode> nodes, int clientsPerNode) {
        for (ServerNode node : nodes) {
            for (int i = 0; i < clientsPerNode; i++) {
                String name = node + "-" + i;
                LoadClient client = new LoadClient(name, node.client(), writes, counter);
                Thread thread = new Thread(client, name);
                thread.setDaemon(true);
                clients.add(client);
                threads.add(thread);
            }
        }
    }

    public static Load start(List<ServerNode> nodes, int clientsPerNode) {
        Load load = new Load(nodes, clientsPerNode);
        load.threads.forEach(Thread::start);
        return load;
    }

    public WriteHistory writes() {
        return writes;
    }

    public CounterHistory counter() {
        return counter;
    }

    /** Waits until a client of each of these nodes had that many more writes acknowledged. */
    public void awaitProgress(List<ServerNode> through, long more) throws InterruptedException {
        Map<LoadClient, Long> goals = new HashMap<>();
        clients.forEach(client -> goals.put(client, client.acknowledged() + more));
        for (ServerNode node : through) {
            Patience.until(
                    () -> "no write is acknowledged through " + node,
                    () -> {
                        throwFailure();
                        return goals.entrySet().stream()
                                .filter(goal -> goal.getKey().node().equals(node.name()))
                                .anyMatch(goal -> goal.getKey().acknowledged() >= goal.getValue());
                    });
        }
    }

    /**
     * Ends all clients, each after the command that is under way.
     *
     * @throws AssertionError when a client saw what must not be
     */
    public void stop() throws InterruptedException {
        clients.forEach(LoadClient::stop);
        for (Thread thread : threads) {
            Patience.until(() -> thread + " doesn't end", () -> !thread.isAlive());
        }
        throwFailure();
    }

    private void throwFailure() {
        for (LoadClient client : clients) {
            @Nullable Throwable failure = client.failure();
            if (failure != null) {
                throw new AssertionError(
                        "a client of " + client.node() + ": " + failure.getMessage(), failure);
            }
        }
    }

    /** Cuts off whatever still runs. */
    @Override
    public void close() {
        clients.forEach(LoadClient::close);
    }
}
