package dev.lockstep.raft.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Overloaded;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftException;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.model.Stamped;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReadLevel;
import dev.lockstep.raft.spi.ReplicaWrite;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import java.io.DataInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The runtime and the API on real threads, with disk and network in memory. */
@Timeout(120)
class RaftHostTest {
    private static final RaftOptions OPTIONS =
            RaftOptions.defaults()
                    .with()
                    .electionTimeout(Duration.ofSeconds(2))
                    .proposalTimeout(Duration.ofSeconds(20))
                    .build();

    private final MemoryNetwork network = new MemoryNetwork();
    private final Map<String, MemoryStorage> disks = new TreeMap<>();
    private final Map<String, RaftHost> hosts = new TreeMap<>();
    private final Map<String, RaftGroup> groups = new TreeMap<>();

    /** Adds what is proposed; answers its sum; fails at -1. */
    private static final class Sum extends SumMachine {
        @Override
        public Payload apply(Command command) {
            if (command.payload().asLong() == -1) {
                throw new IllegalStateException("no sum of that");
            }
            return super.apply(command);
        }

        @Override
        public Payload query(Payload question) {
            if (question.size() > 0) {
                throw new IllegalArgumentException("no questions, please");
            }
            return super.query(question);
        }
    }

    private void start(String node) throws IOException {
        start(node, OPTIONS, new Sum());
    }

    private void start(String node, RaftOptions options, StateMachine machine) throws IOException {
        RaftHost host =
                RaftHost.builder()
                        .cluster("test")
                        .node(node)
                        .peers("n1=h:1", "n2=h:2", "n3=h:3")
                        .storage(disks.computeIfAbsent(node, n -> new MemoryStorage()))
                        .transport(network.transport())
                        .options(options)
                        .start();
        hosts.put(node, host);
        groups.put(node, host.open("sum", machine));
    }

    private void startAll() throws IOException {
        start("n1");
        start("n2");
        start("n3");
    }

    private void stop(String node) throws IOException {
        groups.remove(node);
        hosts.remove(node).close();
    }

    @AfterEach
    void stopAll() throws IOException {
        for (String node : List.copyOf(hosts.keySet())) {
            stop(node);
        }
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private NodeId leader() throws Exception {
        return get(groups.values().iterator().next().awaitLeader());
    }

    @Test
    void aProposalOnAnyReplicaIsAppliedOnAllAndReadFromAny() throws Exception {
        startAll();
        long expected = 0;
        for (RaftGroup group : groups.values()) {
            expected += 7;
            assertThat(get(group.propose(Payload.of(7))).asLong()).isEqualTo(expected);
        }
        for (RaftGroup group : groups.values()) {
            assertThat(get(group.read(Payload.EMPTY, ReadLevel.LINEARIZABLE)).asLong())
                    .isEqualTo(expected);
        }
    }

    @Test
    void manyProposalsAtOnceAreAllAppliedOnce() throws Exception {
        startAll();
        List<CompletableFuture<Payload>> futures = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            futures.add(groups.get("n" + (1 + i % 3)).propose(Payload.of(1)));
        }
        for (CompletableFuture<Payload> future : futures) {
            get(future);
        }
        assertThat(get(groups.get("n2").read(Payload.EMPTY, ReadLevel.LINEARIZABLE)).asLong())
                .isEqualTo(3_000);
    }

    @Test
    void whatWasAcknowledgedSurvivesARestartOfAll() throws Exception {
        startAll();
        get(groups.get("n1").propose(Payload.of(5)));
        for (String node : List.of("n1", "n2", "n3")) {
            stop(node);
        }
        startAll();
        assertThat(get(groups.get("n3").read(Payload.EMPTY, ReadLevel.LINEARIZABLE)).asLong())
                .isEqualTo(5);
    }

    @Test
    void afterTheLeaderStopsTheOthersGoOn() throws Exception {
        startAll();
        get(groups.get("n1").propose(Payload.of(1)));
        String first = leader().value();
        stop(first);
        for (RaftGroup group : groups.values()) {
            get(group.propose(Payload.of(1)));
        }
        start(first);
        assertThat(get(groups.get(first).read(Payload.EMPTY, ReadLevel.LINEARIZABLE)).asLong())
                .isEqualTo(3);
    }

    @Test
    void leadershipMovesToTheNamedVoterAndProposalsWaitForIt() throws Exception {
        startAll();
        String leader = leader().value();
        NodeId target = NodeId.of(leader.equals("n2") ? "n3" : "n2");
        RaftGroup group = groups.get(leader);
        get(group.propose(Payload.of(1)));
        CompletableFuture<NodeId> transfer = group.transferLeadership(target);
        CompletableFuture<Payload> waiting = group.propose(Payload.of(1));
        assertThat(get(transfer)).isEqualTo(target);
        assertThat(get(waiting).asLong()).isEqualTo(2);
        await().until(() -> groups.get(target.value()).status().role() == Role.LEADER);
    }

    @Test
    void onlyALeaderHandsOverAndOnlyToAVoterThatItHears() throws Exception {
        startAll();
        String leader = leader().value();
        get(groups.get(leader).propose(Payload.of(1)));
        String follower = leader.equals("n1") ? "n2" : "n1";
        assertThatThrownBy(() -> get(groups.get(follower).transferLeadership(null)))
                .hasCauseInstanceOf(NotDone.class);
        assertThatThrownBy(() -> get(groups.get(leader).transferLeadership(NodeId.of("n9"))))
                .hasCauseInstanceOf(NotDone.class);
        get(groups.get(leader).propose(Payload.of(1)));
        assertThat(groups.get(leader).status().role()).isEqualTo(Role.LEADER);
    }

    @Test
    void aLeaderThatClosesHandsOverSoNobodyWaitsAnElectionTimeoutOut() throws Exception {
        RaftOptions patient =
                OPTIONS.with()
                        .electionTimeout(Duration.ofSeconds(10))
                        .heartbeatInterval(Duration.ofMillis(20))
                        .build();
        for (String node : List.of("n1", "n2", "n3")) {
            start(node, patient, new Sum());
        }
        String leader = leader().value();
        get(groups.get(leader).propose(Payload.of(1)));
        stop(leader);
        for (RaftGroup group : groups.values()) {
            group.propose(Payload.of(1)).get(9, TimeUnit.SECONDS); // before any election timeout
        }
    }

    @Test
    void aWritersIndexLetsItReadItsOwnWriteOnAnyReplica() throws Exception {
        startAll();
        long index = 0;
        for (int i = 1; i <= 10; i++) {
            RaftGroup writer = groups.get("n" + (1 + i % 3));
            Stamped written = get(writer.proposeStamped(Payload.of(1)));
            assertThat(written.answer().asLong()).isEqualTo(i);
            assertThat(written.index()).isGreaterThan(index);
            index = written.index();
            for (RaftGroup group : groups.values()) {
                Stamped seen = get(group.readStamped(Payload.EMPTY, ReadLevel.sequential(index)));
                assertThat(seen).isEqualTo(written);
            }
        }
    }

    @Test
    void whatWasAskedLatelyAnswersAStaleReadWithoutALeader() throws Exception {
        startAll();
        get(groups.get("n1").propose(Payload.of(5)));
        RaftGroup last = groups.get("n3");
        assertThat(get(last.read(Payload.EMPTY, ReadLevel.LINEARIZABLE)).asLong()).isEqualTo(5);
        network.cut(NodeId.of("n3"));
        ReadLevel hour = ReadLevel.boundedStaleness(Duration.ofHours(1));
        assertThat(get(last.read(Payload.EMPTY, hour)).asLong()).isEqualTo(5);
        assertThat(get(last.read(Payload.EMPTY, ReadLevel.sequential(1))).asLong()).isEqualTo(5);
        network.join(NodeId.of("n3"));
        ReadLevel now = ReadLevel.boundedStaleness(Duration.ZERO);
        get(groups.get("n1").propose(Payload.of(1)));
        assertThat(get(last.read(Payload.EMPTY, now)).asLong()).isEqualTo(6);
    }

    @Test
    void withoutAMajorityAProposalThatNeverLeftIsSurelyNotDone() throws Exception {
        start("n1", OPTIONS.with().proposalTimeout(Duration.ofMillis(300)).build(), new Sum());
        assertThatThrownBy(() -> groups.get("n1").propose(Payload.of(1)).join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(NotDone.class);
        assertThatThrownBy(
                        () -> groups.get("n1").read(Payload.EMPTY, ReadLevel.LINEARIZABLE).join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(NotDone.class);
    }

    @Test
    void aLeaderThatIsCutOffStepsDownAndEndsItsProposalsAsUnknown() throws Exception {
        startAll();
        NodeId leader = leader();
        RaftGroup cutOff = groups.get(leader.value());
        get(cutOff.propose(Payload.of(1)));
        NodeId now = leader();
        assertThat(now).isEqualTo(leader);
        network.cut(leader);
        assertThatThrownBy(() -> get(cutOff.propose(Payload.of(1))))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(OutcomeUnknown.class);
        await().atMost(Duration.ofSeconds(60)).until(() -> cutOff.status().role() != Role.LEADER);
        network.join(leader);
    }

    @Test
    void aFailedSyncStopsTheReplicaAndTheOthersGoOn() throws Exception {
        startAll();
        String leader = leader().value();
        get(groups.get(leader).propose(Payload.of(1)));
        disks.get(leader).failNextSync = new IOException("Input/output error");
        RaftGroup broken = groups.get(leader);
        CompletableFuture<Payload> either = broken.propose(Payload.of(1)); // two other disks may do
        await().atMost(Duration.ofSeconds(60)).until(() -> broken.status().role() == Role.HALTED);
        assertThat(either.handle((sum, why) -> sum == null ? why : sum).get(30, TimeUnit.SECONDS))
                .isNotNull();
        assertThat(broken.status().fault().code()).isEqualTo(Fault.Code.STORAGE_FAILED);
        assertThatThrownBy(() -> get(broken.propose(Payload.of(1))))
                .hasCauseInstanceOf(NotDone.class);
        for (Map.Entry<String, RaftGroup> other : groups.entrySet()) {
            if (!other.getKey().equals(leader)) {
                // Before they notice, what they send to the stopped leader is of unknown outcome.
                await().atMost(Duration.ofSeconds(60))
                        .ignoreExceptions()
                        .until(() -> get(other.getValue().propose(Payload.of(1))) != null);
            }
        }
    }

    @Test
    void aStateMachineThatThrowsStopsThatReplicaWithThePosition() throws Exception {
        startAll();
        assertThatThrownBy(() -> get(groups.get("n1").propose(Payload.of(-1))));
        await().atMost(Duration.ofSeconds(60))
                .until(
                        () ->
                                groups.values().stream()
                                        .anyMatch(group -> group.status().role() == Role.HALTED));
        for (RaftGroup group : groups.values()) {
            Fault fault = group.status().fault();
            if (fault
                    != null) { // the others stop as soon as they learn that the entry is committed
                assertThat(fault.code()).isEqualTo(Fault.Code.STATE_MACHINE_FAILED);
                assertThat(fault.message()).contains("no sum of that").contains("entry 1:2");
            }
        }
    }

    @Test
    void aStateMachineThatIsStuckHangsNoFuture() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        RaftOptions quick = OPTIONS.with().proposalTimeout(Duration.ofMillis(300)).build();
        for (String node : List.of("n1", "n2", "n3")) {
            start(node, quick, new StuckSum(stuck));
        }
        get(groups.get("n1").awaitLeader());
        for (RaftGroup group : groups.values()) {
            assertThatThrownBy(() -> get(group.propose(Payload.of(1))))
                    .hasCauseInstanceOf(RaftException.class);
            assertThatThrownBy(() -> get(group.read(Payload.EMPTY, ReadLevel.LINEARIZABLE)))
                    .hasCauseInstanceOf(NotDone.class);
            assertThatThrownBy(() -> get(group.read(Payload.EMPTY, ReadLevel.LOCAL)))
                    .hasCauseInstanceOf(NotDone.class);
        }
        stuck.countDown();
    }

    /** Is stuck in whatever it is asked. */
    private record StuckSum(CountDownLatch until) implements StateMachine {
        @Override
        public Payload apply(Command command) {
            return stuck(command.payload());
        }

        @Override
        public Payload query(Payload question) {
            return stuck(question);
        }

        @Override
        public SnapshotSource snapshot() {
            return out -> {};
        }

        @Override
        public void restore(DataInputStream in) {}

        private Payload stuck(Payload answer) {
            try {
                until.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return answer;
        }
    }

    @Test
    void aQueryThatThrowsFailsAlone() throws Exception {
        startAll();
        assertThatThrownBy(() -> get(groups.get("n1").read(Payload.of(1), ReadLevel.LINEARIZABLE)))
                .hasCauseInstanceOf(NotDone.class)
                .hasMessageContaining("no questions, please");
        get(groups.get("n1").propose(Payload.of(1)));
    }

    @Test
    void aLogNearItsBoundHasGroupsCompactedAndAFullOneTakesNoProposals() throws Exception {
        startAll();
        get(groups.get("n1").propose(Payload.of(1)));
        get(groups.get("n1").propose(Payload.of(1)));
        for (MemoryStorage disk : disks.values()) {
            // Told again with each sync, as by a log that stays crowded: a replica that has nothing
            // applied yet has nothing to take a snapshot of.
            await().until(
                            () -> {
                                disk.crowding = List.of(GroupId.of("sum"));
                                get(groups.get("n1").propose(Payload.of(0)));
                                return disk.snapshots.newest(GroupId.of("sum")) != null;
                            });
        }
        disks.values().forEach(disk -> disk.full = true);
        get(groups.get("n1").propose(Payload.of(1)));
        await().until(
                        () ->
                                groups.get("n2")
                                        .propose(Payload.of(0))
                                        .handle((r, e) -> isOverloaded(e))
                                        .get());
        disks.values().forEach(disk -> disk.full = false);
        for (RaftGroup group : groups.values()) { // only the leader does it; its successor writes
            group.transferLeadership(null).handle((done, e) -> true).join();
        }
        await().until(
                        () ->
                                groups.get("n2")
                                        .propose(Payload.of(0))
                                        .handle((r, e) -> e == null)
                                        .get());
        assertThat(get(groups.get("n3").propose(Payload.of(1))).asLong()).isEqualTo(4);
    }

    private static boolean isOverloaded(Throwable why) {
        return why instanceof Overloaded
                || (why instanceof CompletionException && why.getCause() instanceof Overloaded);
    }

    @Test
    void aPayloadAboveTheLimitIsRefusedAtOnce() throws Exception {
        start("n1");
        Payload large = Payload.wrap(new byte[OPTIONS.maxPayloadBytes() + 1]);
        assertThat(groups.get("n1").propose(large)).isCompletedExceptionally();
    }

    @Test
    void closingEndsWhatWaits() throws Exception {
        start("n1");
        CompletableFuture<Payload> waiting = groups.get("n1").propose(Payload.of(1));
        CompletableFuture<Payload> reading =
                groups.get("n1").read(Payload.EMPTY, ReadLevel.LINEARIZABLE);
        stop("n1");
        assertThatThrownBy(() -> get(waiting)).hasCauseInstanceOf(NotDone.class);
        assertThatThrownBy(() -> get(reading)).hasCauseInstanceOf(NotDone.class);
    }

    /** All that can be asked of a group; each ends as not done. */
    private static void everythingEndsAsNotDone(
            List<? extends CompletableFuture<?>> asked, NotDone.Reason reason) {
        for (CompletableFuture<?> future : asked) {
            assertThatThrownBy(() -> get(future))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            NotDone.class, why -> assertThat(why.reason()).isEqualTo(reason));
        }
    }

    private static List<CompletableFuture<?>> askEverything(RaftGroup group) {
        return List.of(
                group.propose(Payload.of(1)),
                group.read(Payload.EMPTY, ReadLevel.LINEARIZABLE),
                group.read(Payload.EMPTY, ReadLevel.LOCAL),
                group.awaitLeader(),
                group.transferLeadership(null));
    }

    @Test
    void aLeaderWhoseSuccessorNeverShowsCloses() throws Exception {
        startAll();
        get(groups.get("n1").propose(Payload.of(1)));
        String leader = leader().value();
        for (String node : List.of("n1", "n2", "n3")) {
            if (!node.equals(leader)) {
                network.cut(
                        NodeId.of(node)); // a moment ago they answered, so it tries to hand over
            }
        }
        stop(leader);
        assertThat(hosts).doesNotContainKey(leader);
    }

    @Test
    void whatIsAskedOfAGroupThatCannotBeOpenedEnds() throws Exception {
        MemoryStorage disk = new MemoryStorage();
        disk.mayOpen = new CountDownLatch(1);
        disk.failOpening = new IOException("Input/output error");
        disks.put("n1", disk);
        start("n1");
        RaftGroup group = groups.get("n1");
        List<CompletableFuture<?>> early = askEverything(group);
        disk.mayOpen.countDown();
        everythingEndsAsNotDone(early, NotDone.Reason.HALTED);
        assertThat(group.status().fault().code()).isEqualTo(Fault.Code.STORAGE_FAILED);
        everythingEndsAsNotDone(askEverything(group), NotDone.Reason.HALTED);
    }

    @Test
    void aConfigurationOfALaterVersionOnDiskEndsWhatIsAskedAndIsNamed() throws Exception {
        MemoryStorage disk = new MemoryStorage();
        GroupId sum = GroupId.of("sum");
        LogStore store = disk.open(new ClusterId("test"), NodeId.of("n1"));
        Membership alone = Membership.ofVoters(List.of(store.replica(sum).id()));
        Payload later = Payload.wrap(new byte[] {2, 0});
        store.append(
                new ReplicaWrite(
                        sum,
                        new Founding(new UUID(1, 1), alone, true),
                        new HardState(1, null),
                        0,
                        List.of(new Entry(1, 1, EntryKind.CONFIGURATION, 0, later))));
        disks.put("n1", disk);
        start("n1");
        RaftGroup group = groups.get("n1");
        everythingEndsAsNotDone(askEverything(group), NotDone.Reason.HALTED);
        assertThat(group.status().fault().code()).isEqualTo(Fault.Code.INCOMPATIBLE_VERSION);
        assertThat(group.status().fault().message()).contains("format 2");
    }

    @Test
    void aGroupThatCouldNotBeOpenedCanBeClosedAndOpenedAgain() throws Exception {
        disks.put("n1", new MemoryStorage());
        disks.get("n1").failOpening = new IOException("Input/output error");
        start("n1");
        RaftGroup group = groups.get("n1");
        await().until(() -> group.status().role() == Role.HALTED);
        disks.get("n1").failOpening = null;
        group.close();
        await().ignoreException(IllegalStateException.class)
                .until(() -> hosts.get("n1").open("sum", new Sum()) != null);
    }

    @Test
    void closingAGroupBeforeItIsOpenEndsWhatWaits() throws Exception {
        MemoryStorage disk = new MemoryStorage();
        disk.mayOpen = new CountDownLatch(1);
        disks.put("n1", disk);
        start("n1");
        RaftGroup group = groups.get("n1");
        List<CompletableFuture<?>> early = askEverything(group);
        group.close();
        everythingEndsAsNotDone(early, NotDone.Reason.CLOSED);
        disk.mayOpen.countDown();
        everythingEndsAsNotDone(askEverything(group), NotDone.Reason.CLOSED);
    }

    @Test
    void afterItsHostIsClosedAGroupAnswersStill() throws Exception {
        start("n1");
        RaftGroup group = groups.get("n1");
        List<CompletableFuture<?>> before =
                List.of(
                        group.propose(Payload.of(1)),
                        group.read(Payload.EMPTY, ReadLevel.LINEARIZABLE),
                        group.awaitLeader());
        stop("n1");
        everythingEndsAsNotDone(before, NotDone.Reason.CLOSED);
        everythingEndsAsNotDone(askEverything(group), NotDone.Reason.CLOSED);
    }

    @Test
    void aClosedGroupEndsWhatWaitsAndItsNeighbourLivesOn() throws Exception {
        startAll();
        List<RaftGroup> others = new ArrayList<>();
        for (RaftHost host : hosts.values()) {
            others.add(host.open("other", new Sum()));
        }
        get(others.get(0).propose(Payload.of(3)));
        groups.get("n1").close();
        everythingEndsAsNotDone(askEverything(groups.get("n1")), NotDone.Reason.CLOSED);
        assertThat(get(others.get(0).propose(Payload.of(4))).asLong()).isEqualTo(7);
    }

    @Test
    void overloadIsToldAtOnceWithAHint() throws Exception {
        start("n1", OPTIONS.with().maxPendingBytes(200).build(), new Sum()); // no majority
        RaftGroup group = groups.get("n1");
        CompletableFuture<Payload> first = group.propose(Payload.of(1));
        CompletableFuture<Payload> second = group.propose(Payload.of(1));
        CompletableFuture<Payload> third = group.propose(Payload.of(1));
        assertThat(third).isCompletedExceptionally();
        assertThatThrownBy(() -> get(third))
                .cause()
                .isInstanceOfSatisfying(
                        Overloaded.class,
                        why -> assertThat(why.retryAfter()).isEqualTo(OPTIONS.heartbeatInterval()));
        assertThat(group.read(Payload.EMPTY, ReadLevel.LINEARIZABLE)).isCompletedExceptionally();
        assertThat(first).isNotDone();
        assertThat(second).isNotDone();
    }

    @Test
    void whatEndedMakesRoomForMore() throws Exception {
        RaftOptions tight =
                OPTIONS.with().maxPendingBytes(100).proposalTimeout(Duration.ofMillis(50)).build();
        start("n1", tight, new Sum()); // no majority
        RaftGroup group = groups.get("n1");
        for (int i = 0; i < 5; i++) {
            CompletableFuture<?> one =
                    i % 2 == 0
                            ? group.propose(Payload.of(1))
                            : group.read(Payload.of(1), ReadLevel.LINEARIZABLE);
            everythingEndsAsNotDone(List.of(one), NotDone.Reason.NO_LEADER);
        }
    }

    /** Ends when each does, well or badly, having noted the thread that completed it. */
    private static List<CompletableFuture<?>> noted(
            List<CompletableFuture<?>> futures, Set<String> threads) {
        List<CompletableFuture<?>> ends = new ArrayList<>();
        for (CompletableFuture<?> future : futures) {
            ends.add(
                    future.handle(
                            (value, failure) -> threads.add(Thread.currentThread().getName())));
        }
        return ends;
    }

    @Test
    void futuresNeverCompleteInTheHostsLoop() throws Exception {
        startAll();
        for (RaftGroup group : groups.values()) {
            get(group.awaitLeader()); // founded by all three, so two of them can go on
        }
        Set<String> threads = ConcurrentHashMap.newKeySet();
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            for (RaftGroup group : groups.values()) {
                all.add(group.propose(Payload.of(1)));
                all.add(group.read(Payload.EMPTY, ReadLevel.LINEARIZABLE));
                all.add(group.awaitLeader());
            }
        }
        stop("n1");
        for (CompletableFuture<?> future : noted(all, threads)) {
            get(future);
        }
        threads.remove(Thread.currentThread().getName());
        assertThat(threads).allMatch(name -> name.matches("lockstep-(apply-.|end)-.*"));
    }

    @Test
    void futuresCompleteWhereTheCallbacksExecutorSays() throws Exception {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        ExecutorService executor =
                Executors.newSingleThreadExecutor(task -> new Thread(task, "callbacks"));
        try {
            RaftHost host =
                    RaftHost.builder()
                            .cluster("test")
                            .node("n1")
                            .peers("n1=h:1")
                            .storage(new MemoryStorage())
                            .transport(network.transport())
                            .options(OPTIONS)
                            .callbacks(executor)
                            .start();
            CountDownLatch registered = new CountDownLatch(1);
            executor.execute(
                    () -> {
                        try {
                            registered.await();
                        } catch (InterruptedException e) {
                            threads.add("interrupted");
                        }
                    });
            RaftGroup group = host.open("sum", new Sum());
            List<CompletableFuture<?>> all =
                    List.of(
                            group.propose(Payload.of(1)),
                            group.propose(Payload.of(2)),
                            group.read(Payload.EMPTY, ReadLevel.LINEARIZABLE),
                            group.read(Payload.EMPTY, ReadLevel.LOCAL),
                            group.read(Payload.of(1), ReadLevel.LOCAL));
            List<CompletableFuture<?>> ends = noted(all, threads);
            registered.countDown();
            for (CompletableFuture<?> end : ends) {
                get(end);
            }
            host.close();
        } finally {
            executor.shutdown();
            executor.awaitTermination(30, TimeUnit.SECONDS);
        }
        assertThat(threads).containsExactly("callbacks");
    }
}
