package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.spi.ReadLevel;
import dev.lockstep.raft.testkit.check.RegisterModel;
import dev.lockstep.raft.testkit.sim.SimulatedProcess;
import dev.lockstep.raft.testkit.sim.SimulationError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Asks every machine, once all is well, for a write and a read; both must succeed. */
final class Probe {
    private static final String KEY = "probe";

    private final SimulatedCluster cluster;
    private final Map<String, CompletableFuture<Payload>> open = new LinkedHashMap<>();

    Probe(SimulatedCluster cluster) {
        this.cluster = cluster;
        long number = 0;
        for (SimulatedMachine machine : cluster.machines()) {
            number++;
            RegisterModel.Call write = new RegisterModel.Set(KEY, number);
            ask(machine, RegisterMachine.encode(-number, write), false);
            ask(machine, RegisterMachine.encode(-number, new RegisterModel.Get(KEY)), true);
        }
    }

    boolean answered() {
        return open.isEmpty();
    }

    List<String> unanswered() {
        return List.copyOf(open.keySet());
    }

    private void ask(SimulatedMachine machine, Payload payload, boolean read) {
        String what = "'" + payload.asString() + "' on " + machine.node();
        open.put(what, new CompletableFuture<>());
        SimulatedProcess process = machine.process();
        RaftGroup group = machine.group();
        if (process != null && group != null) {
            process.run(
                    () -> {
                        CompletableFuture<Payload> future =
                                read
                                        ? group.read(payload, ReadLevel.LINEARIZABLE)
                                        : group.propose(payload);
                        open.put(what, future.whenComplete((answer, error) -> ended(what, error)));
                    });
        }
    }

    private void ended(String what, @Nullable Throwable error) {
        open.remove(what);
        if (error != null) {
            cluster.time().fail(new SimulationError("all is well, but " + what + " failed", error));
        }
    }
}
