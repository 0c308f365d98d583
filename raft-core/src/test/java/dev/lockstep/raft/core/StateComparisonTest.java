package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.id;
import static dev.lockstep.raft.core.CoreProbe.witness;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.StateReport;
import dev.lockstep.raft.message.StateVerdict;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.model.StateHash;
import dev.lockstep.raft.model.StateHash.Part;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Replicas compare what they made of the log, and who differs from a majority stops. */
class StateComparisonTest {
    private static final long TERM = 3;
    private static final StateHash RIGHT = new StateHash(40, 11, 22, true, 33);
    private static final StateHash OTHER_LOG = new StateHash(40, 12, 22, true, 33);
    private static final StateHash OTHER_SESSIONS = new StateHash(40, 11, 23, true, 33);
    private static final StateHash OTHER_MACHINE = new StateHash(40, 11, 22, true, 34);
    private static final StateHash NO_MACHINE = new StateHash(40, 11, 22, false, 0);

    private static CoreProbe leaderOf(int servers) {
        return CoreProbe.settledLeader(servers, TERM, 1, 2);
    }

    private static void report(CoreProbe leader, int from, StateHash hash) {
        leader.receive(from, new StateReport(TERM, hash));
    }

    private static void own(CoreProbe probe, StateHash hash) {
        probe.event(new Event.Hashed(hash));
    }

    private static List<Entry> appended(CoreProbe probe) {
        return probe.effects(Effect.Persist.class).stream()
                .flatMap(persist -> persist.entries().stream())
                .toList();
    }

    private static Fault.Code halted(CoreProbe probe) {
        assertThat(probe.core.role()).isEqualTo(Role.HALTED);
        return probe.core.fault().code();
    }

    @Test
    void aLeaderAsksForAComparisonBehindEveryMultipleOfItsInterval() {
        CoreProbe leader =
                CoreProbe.leader(
                        CoreProbe.OPTIONS.with().compareStateEvery(4).build(), 3, TERM, 1, 2, 2);
        assertThat(leader.core.last().index()).as("the no-op is entry 4").isEqualTo(5);
        for (int i = 0; i < 4; i++) {
            leader.propose(i);
        }
        assertThat(appended(leader))
                .extracting(Entry::index, Entry::kind)
                .containsExactly(
                        tuple(6L, EntryKind.COMMAND),
                        tuple(7L, EntryKind.COMMAND),
                        tuple(8L, EntryKind.COMMAND),
                        tuple(9L, EntryKind.COMPARE_STATE),
                        tuple(10L, EntryKind.COMMAND));
    }

    @Test
    void withoutAnIntervalNothingIsCompared() {
        CoreProbe leader =
                CoreProbe.leader(
                        CoreProbe.OPTIONS.with().compareStateEvery(0).build(), 3, TERM, 1, 2, 2);
        leader.propose(1);
        assertThat(appended(leader)).extracting(Entry::kind).containsOnly(EntryKind.COMMAND);
    }

    @Test
    void aFollowerReportsToItsLeader() {
        CoreProbe follower = CoreProbe.follower(3, TERM, 1, 2);
        own(follower, RIGHT);
        assertThat(follower.sent(StateReport.class)).as("it knows no leader").isEmpty();
        follower.receive(2, new Heartbeat(TERM, 0, 0));
        own(follower, RIGHT);
        assertThat(follower.sentTo(2, StateReport.class))
                .containsExactly(new StateReport(TERM, RIGHT));
    }

    @Test
    void whoDiffersFromAMajorityIsToldAndNobodyElseIs() {
        CoreProbe leader = leaderOf(3);
        own(leader, RIGHT);
        report(leader, 2, RIGHT);
        assertThat(leader.effects(Effect.StatesDiffer.class)).isEmpty();
        report(leader, 3, OTHER_MACHINE);
        assertThat(leader.sentTo(3, StateVerdict.class))
                .containsExactly(new StateVerdict(TERM, Part.MACHINE, RIGHT));
        assertThat(leader.sent(StateVerdict.class)).isEmpty();
        List<Effect.StatesDiffer> alarms = leader.effects(Effect.StatesDiffer.class);
        assertThat(alarms).hasSize(1);
        assertThat(alarms.get(0).index()).isEqualTo(40);
        assertThat(alarms.get(0).evidence())
                .isEqualTo(
                        "%s has %s; %s has %s; %s has %s",
                        id(1), RIGHT, id(2), RIGHT, id(3), OTHER_MACHINE);
        assertThat(leader.core.role()).isEqualTo(Role.LEADER);
    }

    @Test
    void aReportThatComesLateIsJudgedByTheMajorityBeforeIt() {
        CoreProbe leader = leaderOf(5);
        own(leader, RIGHT);
        report(leader, 2, RIGHT);
        report(leader, 3, RIGHT);
        report(leader, 4, RIGHT);
        leader.passTime(CoreProbe.HEARTBEAT_NANOS);
        report(leader, 5, OTHER_LOG);
        assertThat(leader.sentTo(5, StateVerdict.class))
                .containsExactly(new StateVerdict(TERM, Part.LOG, RIGHT));
    }

    @Test
    void aLeaderThatDiffersStopsItself() {
        CoreProbe leader = leaderOf(3);
        report(leader, 2, RIGHT);
        report(leader, 3, RIGHT);
        own(leader, OTHER_MACHINE);
        assertThat(halted(leader)).isEqualTo(Fault.Code.STATE_DIVERGED);
        assertThat(leader.core.fault().message())
                .contains(RIGHT.toString())
                .contains(OTHER_MACHINE.toString());
    }

    @Test
    void aLeaderWhoseLogDiffersStopsItself() {
        CoreProbe leader = leaderOf(3);
        own(leader, OTHER_LOG);
        report(leader, 2, RIGHT);
        assertThat(leader.core.role()).as("one against one").isEqualTo(Role.LEADER);
        report(leader, 3, RIGHT);
        assertThat(halted(leader)).isEqualTo(Fault.Code.LOG_CORRUPT);
    }

    @Test
    void withoutAMajorityThereIsAnAlarmAndNothingElse() {
        CoreProbe leader = leaderOf(3);
        own(leader, RIGHT);
        report(leader, 2, OTHER_LOG);
        assertThat(leader.effects(Effect.StatesDiffer.class)).hasSize(1);
        report(leader, 3, new StateHash(40, 13, 22, true, 33));
        assertThat(leader.effects(Effect.StatesDiffer.class)).as("once").isEmpty();
        assertThat(leader.sent(StateVerdict.class)).isEmpty();
        assertThat(leader.core.role()).isEqualTo(Role.LEADER);
    }

    @Test
    void oneOfTwoDifferentReplicasIsNeverConvicted() {
        CoreProbe leader = leaderOf(2);
        own(leader, RIGHT);
        report(leader, 2, OTHER_MACHINE);
        assertThat(leader.effects(Effect.StatesDiffer.class)).hasSize(1);
        assertThat(leader.sent(StateVerdict.class)).isEmpty();
        assertThat(leader.core.role()).isEqualTo(Role.LEADER);
    }

    @Test
    void theDeepestDifferenceIsTheOneThatCounts() {
        CoreProbe leader = leaderOf(3);
        own(leader, RIGHT);
        report(leader, 2, RIGHT);
        report(leader, 3, new StateHash(40, 12, 23, true, 34));
        assertThat(leader.sentTo(3, StateVerdict.class))
                .containsExactly(new StateVerdict(TERM, Part.LOG, RIGHT));
        CoreProbe another = leaderOf(3);
        own(another, RIGHT);
        report(another, 2, RIGHT);
        report(another, 3, OTHER_SESSIONS);
        assertThat(another.sentTo(3, StateVerdict.class))
                .containsExactly(new StateVerdict(TERM, Part.SESSIONS, RIGHT));
    }

    @Test
    void whoOffersNoHashOfItsMachineDoesNotDiffer() {
        CoreProbe leader = leaderOf(3);
        own(leader, RIGHT);
        report(leader, 2, NO_MACHINE);
        report(leader, 3, RIGHT);
        assertThat(leader.effects(Effect.StatesDiffer.class)).isEmpty();
        CoreProbe another = leaderOf(3);
        own(another, RIGHT);
        report(another, 2, NO_MACHINE);
        report(another, 3, OTHER_MACHINE);
        assertThat(another.effects(Effect.StatesDiffer.class)).as("one against one").hasSize(1);
        assertThat(another.sent(StateVerdict.class)).isEmpty();
    }

    @Test
    void strangersAndFormerIncarnationsCountNothing() {
        CoreProbe leader = leaderOf(3);
        own(leader, OTHER_MACHINE);
        report(leader, 2, RIGHT);
        report(leader, 4, RIGHT);
        ReplicaId former = new ReplicaId(NodeId.of("n3"), new UUID(9, 9));
        leader.event(new Event.Received(former, new StateReport(TERM, RIGHT)));
        assertThat(leader.core.role()).isEqualTo(Role.LEADER);
    }

    @Test
    void placesAreComparedEachForItself() {
        CoreProbe leader = leaderOf(3);
        own(leader, RIGHT);
        StateHash later = new StateHash(80, 44, 22, true, 55);
        report(leader, 2, later);
        report(leader, 3, later);
        assertThat(leader.effects(Effect.StatesDiffer.class)).isEmpty();
        own(leader, later);
        assertThat(leader.core.role()).isEqualTo(Role.LEADER);
    }

    @Test
    void onlyAMajorityOfEachHalfOfAJointMembershipConvicts() {
        Membership joint =
                new Membership(
                        List.of(id(1), id(2), id(3)), List.of(id(1), id(4), id(5)), List.of());
        CoreProbe leader = CoreProbe.leader(joint, TERM, 1, 2);
        own(leader, RIGHT);
        report(leader, 2, RIGHT);
        report(leader, 3, OTHER_MACHINE);
        assertThat(leader.sent(StateVerdict.class)).as("n4 and n5 are silent").isEmpty();
        report(leader, 4, RIGHT);
        assertThat(leader.sentTo(3, StateVerdict.class)).hasSize(1);
    }

    @Test
    void aLearnerIsJudgedAndDoesNotJudge() {
        Membership learning =
                new Membership(List.of(id(1), id(2), id(3)), List.of(), List.of(id(4)));
        CoreProbe leader = CoreProbe.leader(learning, TERM, 1, 2);
        own(leader, RIGHT);
        report(leader, 4, RIGHT);
        report(leader, 3, OTHER_MACHINE);
        assertThat(leader.sent(StateVerdict.class)).isEmpty();
        CoreProbe another = CoreProbe.leader(learning, TERM, 1, 2);
        own(another, RIGHT);
        report(another, 2, RIGHT);
        report(another, 4, OTHER_MACHINE);
        assertThat(another.sentTo(4, StateVerdict.class)).hasSize(1);
    }

    @Test
    void aMajorityIsOneOfTheVotersThatHoldState() {
        Membership witnessed =
                new Membership(
                        List.of(id(1), id(2), id(3), witness(4), witness(5)), List.of(), List.of());
        CoreProbe leader = CoreProbe.leader(witnessed, TERM, 1, 2);
        own(leader, RIGHT);
        report(leader, 2, RIGHT);
        report(leader, 3, OTHER_MACHINE);
        assertThat(leader.sentTo(3, StateVerdict.class)).hasSize(1);
    }

    // ---- the one that is told ----

    private static CoreProbe followerOfTwo() {
        CoreProbe follower = CoreProbe.follower(3, TERM, 1, 2);
        follower.receive(2, new Heartbeat(TERM, 0, 0));
        return follower;
    }

    @Test
    void whoIsToldStopsIfItReallyDiffers() {
        CoreProbe follower = followerOfTwo();
        own(follower, OTHER_SESSIONS);
        follower.receive(2, new StateVerdict(TERM, Part.SESSIONS, RIGHT));
        assertThat(halted(follower)).isEqualTo(Fault.Code.STATE_DIVERGED);
        assertThat(follower.effects(Effect.Halt.class)).hasSize(1);
    }

    @Test
    void whoseLogDiffersStopsAsCorrupt() {
        CoreProbe follower = followerOfTwo();
        own(follower, OTHER_LOG);
        follower.receive(2, new StateVerdict(TERM, Part.LOG, RIGHT));
        assertThat(halted(follower)).isEqualTo(Fault.Code.LOG_CORRUPT);
    }

    @Test
    void aVerdictThatIsNotSoChangesNothing() {
        CoreProbe follower = followerOfTwo();
        follower.receive(2, new StateVerdict(TERM, Part.LOG, RIGHT));
        own(follower, RIGHT);
        follower.receive(2, new StateVerdict(TERM, Part.LOG, RIGHT));
        follower.receive(2, new StateVerdict(TERM, Part.MACHINE, RIGHT));
        own(follower, new StateHash(80, 1, 1, false, 0));
        follower.receive(2, new StateVerdict(TERM, Part.MACHINE, new StateHash(80, 1, 1, true, 5)));
        follower.receive(3, new StateVerdict(TERM, Part.LOG, OTHER_LOG)); // not the leader
        follower.receive(2, new StateVerdict(TERM - 1, Part.LOG, OTHER_LOG)); // of an older term
        assertThat(follower.core.role()).isEqualTo(Role.FOLLOWER);
    }
}
