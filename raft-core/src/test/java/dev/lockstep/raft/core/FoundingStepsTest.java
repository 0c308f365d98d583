package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.ELECTION_NANOS;
import static dev.lockstep.raft.core.CoreProbe.HEARTBEAT_NANOS;
import static dev.lockstep.raft.core.CoreProbe.id;
import static dev.lockstep.raft.core.CoreProbe.members;
import static dev.lockstep.raft.core.CoreProbe.witness;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.FoundingState;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The founding of one replica, step by step; {@link FoundingTest} has whole worlds. */
class FoundingStepsTest {
    private static final List<NodeId> NODES = members(3).stream().map(ReplicaId::node).toList();

    private static Founding incomplete(ReplicaId... voters) {
        return new Founding(new UUID(5, 5), Membership.ofVoters(List.of(voters)), false);
    }

    private static void tell(CoreProbe probe, ReplicaId from, Founding founding) {
        probe.event(new Event.Received(from, new FoundingState(NODES, founding, true)));
    }

    /** Server 1 has made the list, and knows of nobody else that holds it. */
    private static CoreProbe firstWithItsList() {
        CoreProbe first = CoreProbe.founder(id(1), 3);
        tell(first, id(2), null);
        tell(first, id(3), null);
        assertThat(first.core.founding.held()).isNotNull();
        return first;
    }

    private static boolean campaignsSoon(CoreProbe probe) {
        probe.sent();
        probe.passTime(HEARTBEAT_NANOS);
        return !probe.sent(RequestPreVote.class).isEmpty() || probe.core.role() != Role.FOLLOWER;
    }

    // ---- completing ----

    @Test
    void itIsCompleteAsSoonAsTheLastFounderConfirmsIt() {
        CoreProbe first = firstWithItsList();
        first.syncAll();
        Founding list = first.core.founding.held();
        tell(first, id(2), list);
        assertThat(first.core.role()).isEqualTo(Role.FOUNDING);
        tell(first, id(3), list);
        assertThat(first.core.role()).isEqualTo(Role.FOLLOWER);
    }

    @Test
    void itIsCompleteAsSoonAsTheOwnDiskConfirmsItLast() {
        CoreProbe first = firstWithItsList();
        Founding list = first.core.founding.held();
        tell(first, id(2), list);
        tell(first, id(3), list);
        assertThat(first.core.role()).isEqualTo(Role.FOUNDING);
        first.syncAll();
        assertThat(first.core.role()).isEqualTo(Role.FOLLOWER);
    }

    @Test
    void whoHearsThatItIsCompleteWaitsForNobodyElse() {
        CoreProbe first = firstWithItsList();
        first.syncAll();
        tell(first, id(2), first.core.founding.held().completed());
        assertThat(first.core.role()).isEqualTo(Role.FOLLOWER);
    }

    @Test
    void whoCompletesItTellsTheOthersAtOnce() {
        CoreProbe first = firstWithItsList();
        first.syncAll();
        first.sent();
        Founding list = first.core.founding.held();
        tell(first, id(2), list);
        tell(first, id(3), list);
        first.syncAll();
        for (int other = 2; other <= 3; other++) {
            assertThat(first.sentTo(other, FoundingState.class))
                    .extracting(FoundingState::founding)
                    .containsExactly(list.completed());
        }
    }

    @Test
    void aSoleFounderThatDiedOnTheWayCompletesItWhenItComesBack() {
        Driven alone =
                new Driven(
                        RaftOptions.defaults(),
                        new RecoveredReplica(
                                id(1),
                                incomplete(id(1)),
                                HardState.INITIAL,
                                null,
                                LogPosition.ZERO,
                                List.of(),
                                0,
                                0,
                                List.of()),
                        List.of(id(1).node()));
        assertThat(alone.core.role()).isEqualTo(Role.FOUNDING);
        alone.wake();
        assertThat(alone.core.role()).isEqualTo(Role.FOLLOWER);
    }

    @Test
    void whoeverCanBeReachedFromNowOnIsToldAtOnce() {
        CoreProbe second = CoreProbe.founder(id(2), 3);
        second.event(Event.Wake.INSTANCE);
        second.sent();
        second.event(new Event.Connected(id(1).node()));
        assertThat(second.sent())
                .extracting(send -> send.to().node())
                .containsExactly(id(1).node());
    }

    // ---- who leads first ----

    /** A founder that was given its list by another and completes it. */
    private static CoreProbe completed(ReplicaId self, Founding list) {
        CoreProbe founder = CoreProbe.founder(self, 3);
        ReplicaId other = list.initial().voters().get(self.equals(id(2)) ? 0 : 1);
        tell(founder, other, list);
        founder.syncAll();
        tell(founder, other, list.completed());
        founder.syncAll();
        assertThat(founder.core.role()).isEqualTo(Role.FOLLOWER);
        return founder;
    }

    @Test
    void oneFounderCampaignsSoonAnotherOneInAnotherGroup() {
        Set<ReplicaId> first = new HashSet<>();
        for (int group = 0; group < 20; group++) {
            first.add(onlyOneThatCampaignsSoon(new UUID(group, 5), id(1), id(2), id(3)));
        }
        assertThat(first).containsExactlyInAnyOrder(id(1), id(2), id(3));
    }

    private static ReplicaId onlyOneThatCampaignsSoon(UUID uuid, ReplicaId... voters) {
        Founding list = new Founding(uuid, Membership.ofVoters(List.of(voters)), false);
        List<ReplicaId> soon = new ArrayList<>();
        for (ReplicaId voter : voters) {
            CoreProbe founder = completed(voter, list);
            if (campaignsSoon(founder)) {
                soon.add(voter);
            } else if (!voter.isWitness()) {
                founder.passTime(2 * ELECTION_NANOS);
                assertThat(founder.core.role()).as("but later").isNotEqualTo(Role.FOLLOWER);
            }
        }
        assertThat(soon).hasSize(1);
        return soon.get(0);
    }

    @Test
    void aWitnessIsNeverTheOneThatCampaignsSoon() {
        Set<ReplicaId> first = new HashSet<>();
        for (int group = 0; group < 20; group++) {
            first.add(onlyOneThatCampaignsSoon(new UUID(group, 5), witness(1), id(2), id(3)));
        }
        assertThat(first).containsExactlyInAnyOrder(id(2), id(3));
    }

    // ---- whose founding it is ----

    @Test
    void aFounderThatAnotherFoundingLeavesOutStops() {
        CoreProbe third = CoreProbe.founder(id(3), 3);
        tell(third, id(1), incomplete(id(1), id(2)));
        assertThat(third.core.fault().code()).isEqualTo(Fault.Code.FOUNDING_MISMATCH);
        assertThat(third.core.fault().message()).contains("has no part in");
    }

    @Test
    void whoIsNoFounderWaitsForTheOthersToFound() {
        CoreProbe late = CoreProbe.founder(id(4), 3);
        tell(late, id(1), incomplete(id(1), id(2), id(3)));
        assertThat(late.core.fault()).isNull();
        assertThat(late.core.role()).isEqualTo(Role.FOUNDING);
        assertThat(late.core.founding.held()).isNull();
    }

    @Test
    void whoHoldsAnotherFoundingIsNotRememberedAsOneThatCouldJoin() {
        CoreProbe member = CoreProbe.follower(3, 5);
        member.event(
                new Event.Received(
                        id(4), new FoundingState(List.of(), incomplete(id(4)).completed(), true)));
        assertThat(member.core.outsiders.on(id(4).node(), member.core.membership())).isNull();
        member.event(
                new Event.Received(
                        id(4), new FoundingState(List.of(), CoreProbe.founding(3), true)));
        assertThat(member.core.outsiders.on(id(4).node(), member.core.membership()))
                .isEqualTo(id(4));
    }
}
