package dev.lockstep.raft.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.ReadLevel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the application's own code may do wrong harms neither the state nor the neighbours. */
@Timeout(60)
class UserFailureTest {

    @Test
    void anExecutorThatRefusesCallbacksCostsNoCommandAndNoFuture() throws Exception {
        Executor full =
                task -> {
                    throw new RejectedExecutionException("full");
                };
        try (RaftHost host = builder().callbacks(full).start()) {
            RaftGroup group = host.open("sum", new SumMachine());
            List<CompletableFuture<Payload>> all = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                all.add(group.propose(Payload.of(1)));
            }
            for (CompletableFuture<Payload> future : all) {
                future.get(10, TimeUnit.SECONDS);
            }
            assertThat(
                            group.read(Payload.EMPTY, ReadLevel.LINEARIZABLE)
                                    .get(10, TimeUnit.SECONDS)
                                    .asLong())
                    .isEqualTo(10);
        }
    }

    @Test
    void aListenerThatFailsHarmsNoGroup() throws Exception {
        RaftListener broken =
                new RaftListener() {
                    @Override
                    public void roleChanged(
                            GroupId group, Role role, long term, @Nullable NodeId leader) {
                        throw new NoClassDefFoundError("a metrics library");
                    }
                };
        try (RaftHost host = builder().listener(broken).start()) {
            RaftGroup one = host.open("one", new SumMachine());
            RaftGroup two = host.open("two", new SumMachine());
            await().until(() -> one.status().role() == Role.LEADER);
            await().until(() -> two.status().role() == Role.LEADER);
            one.propose(Payload.of(1)).get(10, TimeUnit.SECONDS);
            two.propose(Payload.of(1)).get(10, TimeUnit.SECONDS);
        }
    }

    private static RaftHost.Builder builder() throws IOException {
        return RaftHost.builder()
                .cluster("test")
                .node("n1")
                .peers("n1=h:1")
                .storage(new MemoryStorage())
                .transport(new MemoryNetwork().transport())
                .options(
                        RaftOptions.defaults()
                                .with()
                                .electionTimeout(Duration.ofMillis(200))
                                .proposalTimeout(Duration.ofSeconds(5))
                                .build());
    }
}
