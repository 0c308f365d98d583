package dev.lockstep.raft.node;

import static dev.lockstep.raft.node.ThreeHosts.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.ReadLevel;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A replica whose state is not what its log makes of it is found and stopped. */
@Timeout(120)
class StateDivergenceTest {
    private static final RaftOptions OPTIONS =
            RaftOptions.defaults()
                    .with()
                    .electionTimeout(Duration.ofMillis(600))
                    .proposalTimeout(Duration.ofSeconds(20))
                    .compareStateEvery(10)
                    .build();

    private final Map<String, Flippable> machines = new TreeMap<>();
    private final ConcurrentLinkedQueue<String> alarms = new ConcurrentLinkedQueue<>();
    private final ThreeHosts cluster = new ThreeHosts(OPTIONS).heardBy(node -> alarm());

    private static final class Flippable extends SumMachine {
        volatile long flip;

        @Override
        public Payload apply(Command command) {
            sum += flip;
            flip = 0;
            return super.apply(command);
        }

        @Override
        public OptionalLong stateHash() {
            return OptionalLong.of(sum);
        }
    }

    private RaftListener alarm() {
        return new RaftListener() {
            @Override
            public void statesDiffer(GroupId group, long index, String evidence) {
                alarms.add(group + " at " + index + ": " + evidence);
            }
        };
    }

    private void start(String node) throws IOException {
        machines.put(node, new Flippable());
        cluster.start(node, machines.get(node));
    }

    private void startAll() throws IOException {
        for (String node : ThreeHosts.NODES) {
            start(node);
        }
    }

    @AfterEach
    void stopAll() throws IOException {
        cluster.close();
    }

    private void propose(RaftGroup group, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            get(group.propose(Payload.of(1)));
        }
    }

    private void flipAndExpectToStop(String victim, String other) throws Exception {
        machines.get(victim).flip = 1;
        RaftGroup stopped = cluster.on(victim);
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(
                        () -> {
                            propose(cluster.on(other), 1);
                            return stopped.status().role() == Role.HALTED;
                        });
        Fault fault = stopped.status().fault();
        assertThat(fault.code()).isEqualTo(Fault.Code.STATE_DIVERGED);
        assertThat(fault.message()).contains("a majority of the full voters has");
        for (String node : ThreeHosts.NODES) {
            if (!node.equals(victim)) {
                assertThat(cluster.on(node).status().fault()).as(node).isNull();
            }
        }
    }

    @Test
    void aFollowerWhoseStateDiffersStopsAndComesBackFromItsLog() throws Exception {
        startAll();
        propose(cluster.on("n1"), 5);
        String victim = cluster.leader().equals("n3") ? "n2" : "n3";
        flipAndExpectToStop(victim, "n1");
        assertThat(alarms).anyMatch(alarm -> alarm.contains(victim + "/"));
        cluster.stop(victim);
        start(victim);
        propose(cluster.on("n1"), 25);
        long right = get(cluster.on("n1").read(Payload.EMPTY, ReadLevel.LINEARIZABLE)).asLong();
        RaftGroup back = cluster.on(victim);
        assertThat(get(back.read(Payload.EMPTY, ReadLevel.LINEARIZABLE)).asLong()).isEqualTo(right);
        assertThat(back.status().fault()).isNull();
    }

    @Test
    void aLeaderWhoseStateDiffersStopsAndTheOthersGoOn() throws Exception {
        startAll();
        propose(cluster.on("n1"), 5);
        String victim = cluster.leader();
        String other = victim.equals("n1") ? "n2" : "n1";
        flipAndExpectToStop(victim, other);
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> get(cluster.on(other).propose(Payload.of(1))) != null);
    }

    @Test
    void replicasThatAgreeGoOnForEver() throws Exception {
        startAll();
        propose(cluster.on("n1"), 100);
        for (RaftGroup group : cluster.groups()) {
            propose(group, 10);
            assertThat(group.status().fault()).isNull();
        }
        assertThat(alarms).isEmpty();
    }
}
