package dev.lockstep.raft.testkit.check;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.model.WrittenLog;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.SnapshotStore;
import dev.lockstep.raft.spi.StateMachine;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes durable, as the checker sees it; the store behind it may do anything. */
class WatchedLogStoreTest {
    private static final GroupId GROUP = GroupId.of("g");
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final NodeId N3 = NodeId.of("n3");
    private static final NodeId N4 = NodeId.of("n4");
    private static final Founding FOUNDING =
            new Founding(
                    new UUID(9, 9), Membership.ofVoters(List.of(id(N1), id(N2), id(N3))), true);

    private final SafetyChecker checker = new SafetyChecker();
    private LogStore one;
    private LogStore two;
    private LogStore three;
    private List<Entry> reads = List.of();
    private String answer = "answer";

    @BeforeEach
    void open() throws IOException {
        one = life(N1, fresh(N1));
        two = life(N2, fresh(N2));
        three = life(N3, fresh(N3));
    }

    @Test
    void aTermNeverGoesBack() throws IOException {
        one.append(hardState(4, null));
        breach(() -> one.append(hardState(3, null)), "went from");
    }

    @Test
    void nobodyVotesTwiceInATerm() throws IOException {
        one.append(hardState(4, N2));
        one.append(hardState(4, N2));
        breach(() -> one.append(hardState(4, N3)), "voted twice");
    }

    @Test
    void aSyncedVoteIsFoundAgain() throws IOException {
        one.append(hardState(4, N2));
        one.sync();
        breach(() -> life(N1, found(new HardState(4, null), 0)), "had synced");
    }

    @Test
    void aVoteThatWasNotSyncedMayBeLost() throws IOException {
        one.append(hardState(4, N2));
        LogStore next = life(N1, fresh(N1));
        next.append(hardState(4, N3));
    }

    @Test
    void syncedEntriesAreFoundAgain() throws IOException {
        one.append(entries(0, entry(1, 1), entry(1, 2)));
        one.sync();
        one.append(entries(0, entry(1, 3)));
        life(N1, found(HardState.INITIAL, 2));
        breach(() -> life(N1, found(HardState.INITIAL, 1)), "finds nothing");
    }

    @Test
    void whatWasTruncatedNeedsNotBeFound() throws IOException {
        one.append(entries(0, entry(1, 1), entry(1, 2)));
        one.sync();
        one.append(entries(2));
        life(N1, found(HardState.INITIAL, 1));
    }

    @Test
    void logsWithTheSameEntryHoldTheSameOne() throws IOException {
        one.append(entries(0, entry(1, 1)));
        Entry other = new Entry(1, 1, EntryKind.COMMAND, 0, Payload.of("other"));
        breach(() -> two.append(entries(0, other)), "where another replica has");
    }

    @Test
    void logsWithTheSameEntryAreEqualBeforeIt() throws IOException {
        one.append(entries(0, entry(1, 1), entry(3, 2)));
        breach(() -> two.append(entries(0, entry(2, 1), entry(3, 2))), "behind");
    }

    @Test
    void whatIsAppliedIsOnAMajorityOfDisks() throws IOException {
        one.append(entries(0, entry(1, 1)));
        one.sync();
        two.append(entries(0, entry(1, 1)));
        breach(() -> apply(N1, 1), "durable on 1 disks only");
        three.append(entries(0, entry(1, 1), entry(1, 2)));
        three.sync();
        apply(N3, 1);
        breach(() -> apply(N3, 2), "durable on 1 disks only");
    }

    @Test
    void aQuorumIsOneOfTheVotersInForce() throws IOException {
        Membership next = Membership.ofVoters(List.of(id(N1), id(N4)));
        LogStore four = life(N4, fresh(N4));
        for (LogStore store : List.of(one, two)) {
            store.append(entries(0, configuration(1, next), entry(1, 2)));
            store.sync();
        }
        breach(() -> apply(N1, 2, 2), "durable on 2 disks only");
        four.append(entries(0, configuration(1, next), entry(1, 2), entry(1, 3)));
        four.sync();
        one.append(entries(0, entry(1, 3)));
        one.sync();
        apply(N4, 2, 3);
    }

    @Test
    void aJointConfigurationNeedsBothHalves() throws IOException {
        Membership joint =
                new Membership(List.of(id(N1), id(N4)), List.of(id(N1), id(N2), id(N3)), List.of());
        LogStore four = life(N4, fresh(N4));
        for (LogStore store : List.of(one, four)) {
            store.append(entries(0, configuration(1, joint), entry(1, 2)));
            store.sync();
        }
        breach(() -> apply(N1, 2, 2), "durable on 2 disks only");
    }

    @Test
    void whatAWipedDiskHeldCountsAndWhatItLackedDoesNot() throws IOException {
        one.append(entries(0, entry(1, 1), entry(1, 2)));
        one.sync();
        two.append(entries(0, entry(1, 1)));
        two.sync();
        checker.wiped(N2);
        apply(N1, 1);
        breach(() -> apply(N1, 2), "durable on 1 disks only");
    }

    @Test
    void whoHasSyncedIsFoundAgain() throws IOException {
        one.append(hardState(4, N2));
        one.sync();
        ReplicaId other = new ReplicaId(N1, new UUID(2, 2));
        breach(() -> life(N1, RecoveredReplica.empty(other)), "had synced");
        checker.wiped(N1);
        life(N1, RecoveredReplica.empty(other));
    }

    @Test
    void aCopyIsOfWhatWasWritten() throws IOException {
        one.append(entries(0, entry(1, 1)));
        Entry other = new Entry(1, 1, EntryKind.COMMAND, 0, Payload.of("other"));
        breach(
                () ->
                        one.append(
                                new ReplicaWrite(
                                        GROUP, null, null, 0, null, List.of(other), List.of())),
                "was written");
    }

    @Test
    void whatIsAppliedIsNeverDropped() throws IOException {
        for (LogStore store : List.of(one, two)) {
            store.append(entries(0, entry(1, 1)));
            store.sync();
        }
        apply(N1, 1);
        breach(() -> two.append(entries(1)), "drops");
    }

    @Test
    void whoeverLeadsHasTheDurableVotesOfAMajority() throws IOException {
        one.append(hardState(4, N1));
        one.sync();
        two.append(hardState(4, N1));
        breach(() -> checker.listener(N1).roleChanged(GROUP, Role.LEADER, 4, N1), "durable votes");
    }

    @Test
    void whoeverLeadsHoldsWhatWasApplied() throws IOException {
        for (LogStore store : List.of(one, two)) {
            store.append(entries(0, entry(1, 1)));
            store.sync();
        }
        apply(N1, 1);
        for (LogStore store : List.of(two, three)) {
            store.append(hardState(4, N3));
            store.sync();
        }
        breach(() -> checker.listener(N3).roleChanged(GROUP, Role.LEADER, 4, N3), "without");
    }

    @Test
    void whatIsReadIsWhatWasWritten() throws IOException {
        one.append(entries(0, entry(1, 1)));
        reads = List.of(new Entry(1, 1, EntryKind.COMMAND, 0, Payload.of("other")));
        breach(() -> one.read(GROUP, 1, 100), "was written");
        reads = List.of(entry(2, 1));
        breach(() -> one.read(GROUP, 1, 100), "nobody has written");
    }

    @Test
    void replicasAnswerTheSame() throws IOException {
        for (LogStore store : List.of(one, two)) {
            store.append(entries(0, entry(1, 1)));
            store.sync();
        }
        apply(N1, 1);
        answer = "another";
        breach(() -> apply(N2, 1), "isn't deterministic");
    }

    /** Another life of the node applies all entries up to an index. */
    private void apply(NodeId node, long index) {
        apply(node, 1, index);
    }

    private void apply(NodeId node, long from, long index) {
        StateMachine machine =
                checker.watch(
                        GROUP,
                        node,
                        new StateMachine() {
                            @Override
                            public Payload apply(Command command) {
                                return Payload.of(answer);
                            }

                            @Override
                            public Payload query(Payload question) {
                                return question;
                            }

                            @Override
                            public SnapshotSource snapshot() {
                                return out -> {};
                            }

                            @Override
                            public void restore(DataInputStream in) {}
                        });
        for (long i = from; i <= index; i++) {
            Entry entry = entry(1, i);
            machine.apply(new Command(entry.position(), 0, entry.payload()));
        }
    }

    private LogStore life(NodeId node, RecoveredReplica found) throws IOException {
        LogStore store =
                checker.watch(node, (cluster, self) -> new AnyStore(found))
                        .open(new ClusterId("c"), node);
        store.replica(GROUP);
        return store;
    }

    private static RecoveredReplica fresh(NodeId node) {
        return found(node, HardState.INITIAL, 0);
    }

    private static RecoveredReplica found(HardState hardState, long last) {
        return found(N1, hardState, last);
    }

    private static RecoveredReplica found(NodeId node, HardState hardState, long last) {
        List<LogPosition> terms = last == 0 ? List.of() : List.of(new LogPosition(1, 1));
        return new RecoveredReplica(
                id(node), FOUNDING, hardState, null, LogPosition.ZERO, terms, last, 0, List.of());
    }

    private static ReplicaId id(NodeId node) {
        return new ReplicaId(node, new UUID(1, 1));
    }

    private static Entry entry(long term, long index) {
        return new Entry(term, index, EntryKind.COMMAND, 0, Payload.of("c" + index));
    }

    private static Entry configuration(long index, Membership membership) {
        return new Entry(1, index, EntryKind.CONFIGURATION, 0, MembershipFormat.encode(membership));
    }

    private static ReplicaWrite entries(long truncateFrom, Entry... entries) {
        return new ReplicaWrite(GROUP, null, null, truncateFrom, List.of(entries));
    }

    private static ReplicaWrite hardState(long term, NodeId vote) {
        HardState state = new HardState(term, vote == null ? null : id(vote));
        return new ReplicaWrite(GROUP, null, state, 0, List.of());
    }

    private static void breach(ThrowingCallable action, String saying) {
        assertThatThrownBy(action).isInstanceOf(SafetyBreach.class).hasMessageContaining(saying);
    }

    private final class AnyStore implements LogStore {
        private final RecoveredReplica found;

        AnyStore(RecoveredReplica found) {
            this.found = found;
        }

        @Override
        public HostIdentity identity() {
            throw new UnsupportedOperationException();
        }

        @Override
        public RecoveredReplica replica(GroupId group, boolean asWitness) {
            return found;
        }

        @Override
        public void append(ReplicaWrite write) {}

        @Override
        public WrittenLog written(GroupId group) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void sync() {}

        @Override
        public List<Entry> read(GroupId group, long from, int maxBytes) {
            return reads;
        }

        @Override
        public SnapshotStore snapshots() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
