package dev.lockstep.raft.benchmarks;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.node.RaftHost;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.storage.FileStorage;
import dev.lockstep.raft.transport.netty.NettyTransport;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * One of the three processes of {@link GroupsBenchmark}: a host with many groups, told what to do
 * by lines on its standard input; each is answered by one line.
 *
 * <pre>
 * open N         opens N groups more; answers once each has a leader
 * asleep         answers once all of them sleep here
 * led-without X  answers once none of them has node X for its leader
 * led            how many of them this host leads
 * heap           bytes of heap in use after a collection
 * load K S       proposals to those of the first K groups that this host leads, for S seconds: how many succeeded
 * </pre>
 */
public final class GroupsHost implements RaftListener {
    private static final int MOST_GROUPS = 100_000;
    private static final int PAYLOAD_BYTES = 100;
    private static final int IN_FLIGHT = 256;
    private static final StateMachine NOTHING = new Nothing();

    private final NodeId self;

    /** By group, the number of the node that leads it, as far as known here; 0 for none. */
    private final AtomicIntegerArray leaders = new AtomicIntegerArray(MOST_GROUPS);

    private final AtomicInteger sleepers = new AtomicInteger();
    private final List<RaftGroup> groups = new ArrayList<>();

    private GroupsHost(String node) {
        self = NodeId.of(node);
    }

    /** Arguments: node id, directory, and the addresses of all hosts. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        GroupsHost benched = new GroupsHost(arguments[0]);
        String[] peers = List.of(arguments).subList(2, arguments.length).toArray(String[]::new);
        try (RaftHost host =
                RaftHost.builder()
                        .cluster("groups")
                        .node(arguments[0])
                        .peers(peers)
                        .storage(FileStorage.in(Path.of(arguments[1])))
                        .transport(NettyTransport.plaintext())
                        .options(
                                RaftOptions.defaults()
                                        .with()
                                        .sleepAfter(Duration.ofSeconds(5))
                                        .build())
                        .listener(benched)
                        .start()) {
            System.out.println("ready");
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println(benched.run(host, line.split(" ", -1)));
            }
        }
    }

    private long run(RaftHost host, String[] command) throws InterruptedException {
        return switch (command[0]) {
            case "open" -> {
                int end = groups.size() + Integer.parseInt(command[1]);
                while (groups.size() < end) {
                    groups.add(host.open("g" + groups.size(), NOTHING));
                }
                yield millisUntil(leader -> leader != 0);
            }
            case "asleep" -> {
                long began = System.nanoTime();
                while (sleepers.get() < groups.size()) {
                    Thread.sleep(10);
                }
                yield TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            }
            case "led-without" -> {
                int lost = numberOf(NodeId.of(command[1]));
                yield millisUntil(leader -> leader != 0 && leader != lost);
            }
            case "led" -> count(leader -> leader == numberOf(self));
            case "heap" -> heapBytes();
            case "load" -> load(Integer.parseInt(command[1]), Integer.parseInt(command[2]));
            default -> throw new IllegalArgumentException(command[0]);
        };
    }

    private long millisUntil(IntPredicate leader) throws InterruptedException {
        long began = System.nanoTime();
        while (count(leader) < groups.size()) {
            Thread.sleep(10);
        }
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    private int count(IntPredicate leader) {
        int count = 0;
        for (int i = 0; i < groups.size(); i++) {
            count += leader.test(leaders.get(i)) ? 1 : 0;
        }
        return count;
    }

    private static long heapBytes() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(100);
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** As many at once to each that is led from here as make so many in all, one at least. */
    private long load(int most, int seconds) throws InterruptedException {
        List<RaftGroup> led = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            if (leaders.get(i) == numberOf(self)) {
                led.add(groups.get(i));
            }
        }
        Load load = new Load(System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds));
        int each = Math.max(1, IN_FLIGHT / Math.max(1, led.size()));
        for (RaftGroup group : led) {
            for (int i = 0; i < each; i++) {
                load.begin(group);
            }
        }
        load.awaitEnd();
        if (load.failed.sum() > 0) {
            System.err.printf("%s: %d proposals failed%n", self, load.failed.sum());
        }
        return load.succeeded.sum();
    }

    /** Proposes again and again; a group that fails is left alone for a moment. */
    private static final class Load {
        private static final Payload PAYLOAD = Payload.wrap(new byte[PAYLOAD_BYTES]);

        final LongAdder succeeded = new LongAdder();
        final LongAdder failed = new LongAdder();
        private final Phaser running = new Phaser(1);
        private final long endNanos;

        Load(long endNanos) {
            this.endNanos = endNanos;
        }

        void begin(RaftGroup group) {
            running.register();
            propose(group);
        }

        private void propose(RaftGroup group) {
            if (System.nanoTime() >= endNanos) {
                running.arriveAndDeregister();
                return;
            }
            var unused =
                    group.propose(PAYLOAD)
                            .whenComplete(
                                    (answer, failure) -> {
                                        (failure == null ? succeeded : failed).increment();
                                        if (failure == null) {
                                            propose(group);
                                        } else {
                                            CompletableFuture.delayedExecutor(
                                                            50, TimeUnit.MILLISECONDS)
                                                    .execute(() -> propose(group));
                                        }
                                    });
        }

        void awaitEnd() {
            running.arriveAndAwaitAdvance();
        }
    }

    private static int numberOf(NodeId node) {
        return Integer.parseInt(node.value().substring(1));
    }

    @Override
    public void roleChanged(GroupId group, Role role, long term, @Nullable NodeId leader) {
        leaders.set(
                Integer.parseInt(group.name().substring(1)), leader == null ? 0 : numberOf(leader));
    }

    @Override
    public void sleeps(GroupId group, boolean now) {
        sleepers.addAndGet(now ? 1 : -1);
    }

    private static final class Nothing implements StateMachine {
        @Override
        public Payload apply(Command command) {
            return Payload.EMPTY;
        }

        @Override
        public Payload query(Payload question) {
            return Payload.EMPTY;
        }

        @Override
        public SnapshotSource snapshot() {
            return out -> {};
        }

        @Override
        public void restore(DataInputStream in) {}
    }
}
