package dev.lockstep.raft.storage.tools;

import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.node.GroupStatus;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.node.RaftHost;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.ReadLevel;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.storage.FileStorage;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Hosts on real directories, three nodes to a cluster; each group is a sum. */
final class Cluster implements AutoCloseable {
    private static final RaftOptions OPTIONS =
            RaftOptions.defaults()
                    .with()
                    .electionTimeout(Duration.ofSeconds(1))
                    .proposalTimeout(Duration.ofSeconds(20))
                    .keptLogBytes(0)
                    .build();

    private final String name;
    private final List<String> groupNames;
    private final MemoryNetwork network = new MemoryNetwork();
    private final Map<String, RaftHost> hosts = new TreeMap<>();
    private final Map<String, RaftGroup> groups = new TreeMap<>();

    Cluster(String name, String... groupNames) {
        this.name = name;
        this.groupNames = List.of(groupNames);
    }

    /** Adds what is proposed, and answers with the command's position, as a fencing token. */
    private static final class Sum implements StateMachine {
        private long sum;

        @Override
        public Payload apply(Command command) {
            sum += command.payload().asLong();
            LogPosition at = command.position();
            return Payload.of(at.term() + ":" + at.index());
        }

        @Override
        public Payload query(Payload question) {
            return Payload.of(sum);
        }

        @Override
        public SnapshotSource snapshot() {
            long frozen = sum;
            return out -> out.writeLong(frozen);
        }

        @Override
        public void restore(DataInputStream in) throws IOException {
            sum = in.readLong();
        }
    }

    Cluster start(String node, Path directory) throws IOException {
        RaftHost host =
                RaftHost.builder()
                        .cluster(name)
                        .node(node)
                        .peers("n1=h:1", "n2=h:2", "n3=h:3")
                        .storage(FileStorage.in(directory).withSegmentBytes(64 << 10))
                        .transport(network.transport())
                        .options(OPTIONS)
                        .start();
        hosts.put(node, host);
        for (String group : groupNames) {
            groups.put(node + "/" + group, host.open(group, new Sum()));
        }
        return this;
    }

    void stop(String node) throws IOException {
        groups.keySet().removeIf(key -> key.startsWith(node + "/"));
        hosts.remove(node).close();
    }

    RaftGroup group(String node) {
        return group(node, groupNames.get(0));
    }

    RaftGroup group(String node, String group) {
        return groups.get(node + "/" + group);
    }

    /** The position at which the number was added. */
    LogPosition add(String node, long number) throws Exception {
        return add(group(node), number);
    }

    static LogPosition add(RaftGroup group, long number) throws Exception {
        return position(group.propose(Payload.of(number)).get(30, TimeUnit.SECONDS));
    }

    static LogPosition position(Payload answer) {
        String text = answer.asString();
        int colon = text.indexOf(':');
        return new LogPosition(
                Long.parseLong(text.substring(0, colon)),
                Long.parseLong(text.substring(colon + 1)));
    }

    long sum(String node) throws Exception {
        return sum(group(node), ReadLevel.LINEARIZABLE);
    }

    long localSum(String node) throws Exception {
        return sum(group(node), ReadLevel.LOCAL);
    }

    private static long sum(RaftGroup group, ReadLevel level) throws Exception {
        return group.read(Payload.EMPTY, level).get(30, TimeUnit.SECONDS).asLong();
    }

    GroupStatus status(String node) {
        return group(node).status();
    }

    void awaitSum(String node, long sum) {
        await(node + " holds " + sum)
                .atMost(Duration.ofSeconds(60))
                .until(() -> localSum(node) == sum);
    }

    /** Makes the change as soon as it is accepted: who is to join must have been heard first. */
    void change(String leader, MembershipChange change) {
        await("change " + change)
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(
                        () -> {
                            group(leader).changeMembers(change).get(20, TimeUnit.SECONDS);
                            return true;
                        });
    }

    void awaitVoters(String node, int count) {
        await(count + " voters")
                .atMost(Duration.ofSeconds(60))
                .until(
                        () -> {
                            var members = group(node).members();
                            return members != null
                                    && members.membership().voters().size() == count
                                    && members.membership().learners().isEmpty()
                                    && !members.membership().isJoint();
                        });
    }

    String leader() {
        String[] found = new String[1];
        await("a leader")
                .atMost(Duration.ofSeconds(60))
                .until(
                        () -> {
                            for (String node : hosts.keySet()) {
                                if (status(node).role().name().equals("LEADER")) {
                                    found[0] = node;
                                }
                            }
                            return found[0] != null;
                        });
        return found[0];
    }

    @Override
    public void close() throws IOException {
        for (String node : List.copyOf(hosts.keySet())) {
            stop(node);
        }
    }
}
