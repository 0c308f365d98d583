package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.ELECTION_NANOS;
import static dev.lockstep.raft.core.CoreProbe.HEARTBEAT_NANOS;
import static dev.lockstep.raft.core.CoreProbe.OPTIONS;
import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.entry;
import static dev.lockstep.raft.core.CoreProbe.id;
import static dev.lockstep.raft.core.CoreProbe.log;
import static dev.lockstep.raft.core.CoreProbe.logFrom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.AppendRejected;
import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.LogRoom;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Append and commit, one claim each. */
class ReplicationTest {
    // ---- a follower ----

    @Test
    void anAcknowledgementWaitsForTheDisk() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.append(2, 4, at(0, 0), logFrom(1, 4, 4), 0);
        assertThat(probe.sent(AppendAccepted.class)).isEmpty();
        probe.sync();
        assertThat(probe.sent(AppendAccepted.class)).containsExactly(new AppendAccepted(4, 2));
    }

    @Test
    void anAcknowledgementOfEntriesThatAreHereButNotDurableWaits() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.append(2, 4, at(0, 0), logFrom(1, 4, 4), 0);
        probe.append(2, 4, at(0, 0), logFrom(1, 4, 4), 0);
        assertThat(probe.unsynced()).as("the second brings nothing to write").isEqualTo(1);
        assertThat(probe.sent(AppendAccepted.class)).isEmpty();
        probe.sync();
        assertThat(probe.sent(AppendAccepted.class))
                .containsExactly(new AppendAccepted(4, 2), new AppendAccepted(4, 2));
    }

    @Test
    void appendsBetweenTwoDrainsShareOneWriteAndOneAcknowledgement() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.step(new Event.Received(id(2), new AppendEntries(4, at(0, 0), logFrom(1, 4), 0)));
        probe.step(new Event.Received(id(2), new AppendEntries(4, at(4, 1), logFrom(2, 4, 4), 0)));
        probe.drain();
        assertThat(probe.unsynced()).isEqualTo(1);
        probe.sync();
        assertThat(probe.sent(AppendAccepted.class)).containsExactly(new AppendAccepted(4, 3));
    }

    @Test
    void acknowledgesNoMoreThanWasProven() {
        CoreProbe probe = CoreProbe.follower(3, 4, 1, 2, 2, 2);
        probe.append(2, 4, at(1, 1), List.of(), 0);
        probe.append(2, 4, at(1, 1), logFrom(2, 2), 0);
        assertThat(probe.sent(AppendAccepted.class))
                .containsExactly(new AppendAccepted(4, 1), new AppendAccepted(4, 2));
        assertThat(probe.core.last()).as("its own tail stays").isEqualTo(at(2, 4));
    }

    @Test
    void commitIsCappedAtWhatTheMessageProved() {
        CoreProbe probe = CoreProbe.follower(3, 4, 1, 2, 2, 2);
        probe.append(2, 4, at(1, 1), List.of(), 4);
        assertThat(probe.core.commitIndex()).isEqualTo(1);
        probe.receive(2, new Heartbeat(4, 4, 1));
        assertThat(probe.core.commitIndex()).as("by heartbeat").isEqualTo(1);
        probe.append(2, 4, at(1, 1), logFrom(2, 2, 2), 4);
        assertThat(probe.core.commitIndex()).isEqualTo(3);
    }

    @Test
    void aHeartbeatCommitsNothingAfterANewLeaderBeforeItsFirstAppend() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.append(2, 4, at(0, 0), logFrom(1, 4, 4), 0);
        probe.syncAll();
        probe.receive(3, new Heartbeat(5, 2, 1));
        assertThat(probe.core.commitIndex()).isZero();
    }

    @Test
    void aHeartbeatReplyWaitsForTheTermAndNotForEntries() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.receive(2, new Heartbeat(5, 0, 7));
        assertThat(probe.sent(HeartbeatReply.class)).isEmpty();
        probe.sync();
        assertThat(probe.sent(HeartbeatReply.class)).containsExactly(new HeartbeatReply(5, 7));
        probe.append(2, 5, at(0, 0), logFrom(1, 5), 0);
        probe.receive(2, new Heartbeat(5, 0, 8));
        assertThat(probe.unsynced()).isEqualTo(1);
        assertThat(probe.sent(HeartbeatReply.class)).containsExactly(new HeartbeatReply(5, 8));
    }

    @Test
    void aDelayedShorterAppendDropsNothing() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.append(2, 4, at(0, 0), logFrom(1, 4, 4, 4), 0);
        probe.append(2, 4, at(0, 0), logFrom(1, 4), 0);
        probe.append(2, 4, at(4, 1), List.of(), 0);
        assertThat(probe.core.last()).isEqualTo(at(4, 3));
        assertThat(probe.effects(Effect.Persist.class)).hasSize(1);
    }

    @Test
    void aDuplicateAppendChangesNothing() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.append(2, 4, at(0, 0), logFrom(1, 4, 4), 2);
        probe.append(2, 4, at(0, 0), logFrom(1, 4, 4), 2);
        assertThat(probe.applied()).containsExactly(1L, 2L);
        assertThat(probe.core.last()).isEqualTo(at(4, 2));
    }

    @Test
    void aConflictingSuffixIsReplacedInOneWrite() {
        CoreProbe probe = CoreProbe.follower(3, 4, 1, 2, 2, 2);
        probe.append(2, 4, at(1, 1), logFrom(2, 3, 4), 0);
        List<Effect.Persist> writes = probe.effects(Effect.Persist.class);
        assertThat(writes).hasSize(1);
        assertThat(writes.get(0).truncateFrom()).isEqualTo(2);
        assertThat(writes.get(0).entries()).isEqualTo(logFrom(2, 3, 4));
        probe.sync();
        assertThat(probe.disk().durableEntries())
                .isEqualTo(List.of(entry(1, 1), entry(3, 2), entry(4, 3)));
    }

    @Test
    void matchingEntriesBeforeAConflictStay() {
        CoreProbe probe = CoreProbe.follower(3, 4, 1, 2, 2, 2);
        probe.append(2, 4, at(0, 0), log(1, 2, 3), 0);
        Effect.Persist write = probe.effects(Effect.Persist.class).get(0);
        assertThat(write.truncateFrom()).isEqualTo(3);
        assertThat(write.entries()).isEqualTo(logFrom(3, 3));
    }

    @Test
    void thePreviousTermMustAgreeToo() {
        CoreProbe probe = CoreProbe.follower(3, 4, 1, 2, 2);
        probe.append(2, 4, at(3, 3), logFrom(4, 4), 4);
        assertThat(probe.sent())
                .containsExactly(new Effect.Send(id(2), new AppendRejected(4, 3, at(2, 3)), false));
        assertThat(probe.core.last()).isEqualTo(at(2, 3));
        assertThat(probe.core.commitIndex()).isZero();
    }

    @Test
    void aGapIsRejectedWithTheOwnEnd() {
        CoreProbe probe = CoreProbe.follower(3, 4, 1, 2, 2);
        probe.append(2, 4, at(4, 9), logFrom(10, 4), 9);
        assertThat(probe.sent(AppendRejected.class))
                .containsExactly(new AppendRejected(4, 9, at(2, 3)));
    }

    @Test
    void aRejectionHintSkipsTermsThatTheLeaderCannotHave() {
        CoreProbe probe = CoreProbe.follower(3, 9, 1, 1, 4, 4, 4);
        probe.append(2, 9, at(2, 5), List.of(), 0);
        assertThat(probe.sent(AppendRejected.class))
                .containsExactly(new AppendRejected(9, 5, at(1, 2)));
    }

    @Test
    void anAppendOfAStaleTermIsRefusedWithTheTerm() {
        CoreProbe probe = CoreProbe.follower(3, 4, 1);
        probe.append(2, 3, at(1, 1), logFrom(2, 3), 2);
        assertThat(probe.sent(AppendRejected.class))
                .containsExactly(new AppendRejected(4, 1, at(0, 0)));
        assertThat(probe.core.last()).isEqualTo(at(1, 1));
        assertThat(probe.core.leader()).isNull();
    }

    @Test
    void committedEntriesAreNeverDropped() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.append(2, 4, at(0, 0), logFrom(1, 4, 4), 2);
        probe.syncAll();
        probe.append(3, 5, at(4, 1), logFrom(2, 5), 0);
        assertThat(probe.core.fault().code()).isEqualTo(Fault.Code.BUG);
        assertThat(probe.core.fault().message()).contains("2 are committed");
        assertThat(probe.core.last()).isEqualTo(at(4, 2));
        assertThat(probe.unsynced()).as("writes of a halted replica").isZero();
    }

    @Test
    void anAcknowledgementThatAnotherTermOvertookIsNotMadeAnew() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.step(new Event.Received(id(2), new AppendEntries(4, at(0, 0), logFrom(1, 4), 0)));
        probe.step(new Event.Received(id(3), new Heartbeat(5, 0, 1)));
        probe.drain();
        probe.syncAll();
        assertThat(probe.sent(AppendAccepted.class)).isEmpty();
    }

    // ---- tokens ----

    @Test
    void persistedAfterATruncationAttestsNothingOfWhatWasDropped() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.append(2, 4, at(0, 0), logFrom(1, 4, 4, 4), 0);
        PersistToken stale = probe.syncSilently();
        probe.append(3, 5, at(4, 1), logFrom(2, 5, 5), 0);
        probe.event(new Event.Persisted(stale));
        assertThat(probe.core.durableIndex()).isZero();
        probe.sync();
        assertThat(probe.core.durableIndex()).isEqualTo(3);
    }

    @Test
    void persistedAfterATruncationInTheSameTermAttestsNothingOfItEither() {
        CoreProbe probe = CoreProbe.follower(3, 4, 4, 4, 4);
        probe.receive(3, new Heartbeat(5, 0, 1)); // the term's first write attests the whole log
        probe.append(3, 5, at(4, 1), logFrom(2, 5, 5), 0);
        PersistToken ofOldTail = probe.sync();
        assertThat(ofOldTail).isEqualTo(new PersistToken(5, at(4, 3)));
        assertThat(probe.core.durableIndex()).isLessThanOrEqualTo(1);
        probe.sync();
        assertThat(probe.core.durableIndex()).isEqualTo(3);
    }

    @Test
    void aTokenOfAnEarlierLeadershipCommitsNothing() {
        // Leads in 5 with an unsynced entry, loses it, and leads again in 7 at the same length.
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.propose(1);
        PersistToken ofTerm5 = probe.syncSilently();
        probe.append(2, 6, at(5, 1), logFrom(2, 6), 0);
        probe.syncAll();
        probe.campaign();
        probe.syncAll();
        probe.receive(3, new VoteReply(7, true));
        assertThat(probe.core.role()).isEqualTo(Role.LEADER);
        assertThat(probe.core.last()).isEqualTo(at(7, 3));
        probe.receive(2, new AppendAccepted(7, 3));
        long before = probe.core.durableIndex();
        probe.event(new Event.Persisted(ofTerm5));
        probe.event(new Event.Persisted(new PersistToken(5, at(6, 2))));
        assertThat(probe.core.durableIndex()).isEqualTo(before);
        assertThat(probe.core.durableIndex()).isLessThan(3);
    }

    @Test
    void tokensThatComeInOrderOrMergedAttestTheLast() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.propose(1);
        probe.propose(2);
        probe.propose(3);
        assertThat(probe.unsynced()).isEqualTo(3);
        probe.syncSilently();
        probe.syncSilently();
        PersistToken last = probe.syncSilently();
        probe.event(new Event.Persisted(last));
        assertThat(probe.core.durableIndex()).isEqualTo(4);
    }

    @Test
    void eventsBetweenTwoDrainsShareOneWrite() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        for (int i = 0; i < 5; i++) {
            probe.step(new Event.Propose(Ticket.local(i), Payload.of(i)));
        }
        probe.drain();
        assertThat(probe.unsynced()).isEqualTo(1);
        assertThat(probe.sentTo(2, AppendEntries.class)).hasSize(1);
        assertThat(probe.effects(Effect.Admitted.class))
                .extracting(a -> a.ticket().id())
                .containsExactly(0L, 1L, 2L, 3L, 4L);
    }

    // ---- a leader ----

    @Test
    void aTermBeginsWithANoOp() {
        CoreProbe probe = CoreProbe.follower(3, 4, 4).campaign();
        probe.syncAll();
        probe.receive(2, new VoteReply(5, true));
        AppendEntries first = probe.sentTo(2, AppendEntries.class).get(0);
        assertThat(first.previous()).isEqualTo(at(4, 1));
        assertThat(first.entries()).hasSize(1);
        assertThat(first.entries().get(0).kind()).isEqualTo(EntryKind.NO_OP);
        assertThat(first.entries().get(0).position()).isEqualTo(at(5, 2));
    }

    @Test
    void entriesLeaveWhileTheOwnDiskStillWrites() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.propose(1);
        assertThat(probe.unsynced()).isEqualTo(1);
        assertThat(probe.sent(AppendEntries.class)).hasSize(2);
    }

    @Test
    void theLeaderDoesNotCountItselfBeforeItsDisk() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.propose(1);
        probe.receive(2, new AppendAccepted(5, 2));
        assertThat(probe.core.commitIndex()).isEqualTo(1);
        probe.sync();
        assertThat(probe.core.commitIndex()).isEqualTo(2);
    }

    @Test
    void theFollowersDisksCommitWithoutTheLeadersOwn() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.propose(1);
        probe.receive(2, new AppendAccepted(5, 2));
        probe.receive(3, new AppendAccepted(5, 2));
        assertThat(probe.unsynced()).isEqualTo(1);
        assertThat(probe.core.commitIndex()).isEqualTo(2);
        assertThat(probe.applied()).containsExactly(2L);
    }

    @Test
    void anOlderTermsEntryIsNotCommittedByCounting() {
        // Figure 8: (2, 2) is on a majority and may still be overwritten.
        CoreProbe probe = CoreProbe.leader(5, 4, 1, 2);
        for (int i = 2; i <= 5; i++) {
            probe.receive(i, new AppendAccepted(4, 2));
        }
        assertThat(probe.core.commitIndex()).isZero();
        probe.receive(2, new AppendAccepted(4, 3));
        assertThat(probe.core.commitIndex()).isZero();
        probe.receive(3, new AppendAccepted(4, 3));
        assertThat(probe.core.commitIndex()).isEqualTo(3);
    }

    @Test
    void acknowledgementsOfANewIncarnationCountNothing() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.propose(1);
        probe.sync();
        ReplicaId wiped = new ReplicaId(id(2).node(), new UUID(6, 6));
        probe.event(new Event.Received(wiped, new AppendAccepted(5, 2)));
        assertThat(probe.core.commitIndex()).isEqualTo(1);
    }

    @Test
    void anAcknowledgementBeyondTheLogCountsNothing() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.receive(2, new AppendAccepted(5, 1_000));
        assertThat(probe.core.commitIndex()).isEqualTo(1);
    }

    @Test
    void aRejectionIsNoAcknowledgement() {
        CoreProbe probe = CoreProbe.leader(3, 5, 1, 1, 1);
        probe.receive(2, new AppendRejected(5, 3, at(1, 2)));
        probe.receive(2, new HeartbeatReply(5, 0));
        assertThat(probe.core.commitIndex()).isZero();
        assertThat(probe.effects(Effect.Load.class).get(0).from()).isEqualTo(3);
    }

    @Test
    void lateAcknowledgementsTakeNothingBack() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.propose(1);
        probe.sync();
        probe.receive(2, new AppendAccepted(5, 2));
        probe.receive(2, new AppendAccepted(5, 0));
        probe.propose(2);
        AppendEntries append = probe.sentTo(2, AppendEntries.class).get(1);
        assertThat(append.previous()).isEqualTo(at(5, 2));
    }

    @Test
    void aFullWindowWithLostAcknowledgementsRecoversByProbing() {
        RaftOptions narrow = OPTIONS.with().maxInflightMessages(2).build();
        CoreProbe probe = CoreProbe.settledLeader(narrow, 3, 5);
        for (int i = 1; i <= 5; i++) {
            probe.propose(i);
        }
        assertThat(probe.sentTo(2, AppendEntries.class)).hasSize(2);
        for (int i = 0; i < 6; i++) {
            probe.passTime(HEARTBEAT_NANOS);
            probe.receive(3, new HeartbeatReply(5, 0));
        }
        List<AppendEntries> probes = probe.sentTo(2, AppendEntries.class);
        assertThat(probes).hasSize(1);
        assertThat(probes.get(0).previous()).isEqualTo(at(5, 1));
        probe.receive(2, new AppendAccepted(5, 6));
        probe.propose(6);
        assertThat(probe.sentTo(2, AppendEntries.class).get(0).previous()).isEqualTo(at(5, 6));
    }

    @Test
    void aDeepPipelineWaitsForFullBatchesAndLosesNone() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        for (int i = 1; i <= 9; i++) {
            probe.propose(i);
        }
        assertThat(probe.sentTo(2, AppendEntries.class))
                .as("small appends while little is on its way")
                .hasSize(4)
                .allSatisfy(append -> assertThat(append.entries()).hasSize(1));
        probe.receive(2, new AppendAccepted(5, 2));
        List<AppendEntries> held = probe.sentTo(2, AppendEntries.class);
        assertThat(held).as("what was held back leaves together").hasSize(1);
        assertThat(held.get(0).previous()).isEqualTo(at(5, 5));
        assertThat(held.get(0).entries()).hasSize(5);
    }

    @Test
    void aFullBatchLeavesHoweverMuchIsOnItsWay() {
        RaftOptions options = OPTIONS.with().maxAppendBytes(1_000).maxInflightMessages(6).build();
        CoreProbe probe = CoreProbe.settledLeader(options, 3, 5);
        for (int i = 1; i <= 4; i++) {
            probe.propose(i);
        }
        probe.sent();
        probe.event(new Event.Propose(Ticket.local(5), Payload.wrap(new byte[200])));
        assertThat(probe.sentTo(2, AppendEntries.class)).as("264 bytes of 1,000 / 3").isEmpty();
        probe.event(new Event.Propose(Ticket.local(6), Payload.wrap(new byte[10])));
        assertThat(probe.sentTo(2, AppendEntries.class)).as("338 bytes").hasSize(1);
    }

    @Test
    void aNewConnectionIsProbedAtOnce() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.propose(1);
        probe.sent();
        probe.event(new Event.Connected(id(2).node()));
        assertThat(probe.sent())
                .extracting(s -> s.to())
                .as("to whom an append leaves")
                .containsExactly(id(2));
    }

    @Test
    void aFollowerWhoseEntriesAreNotCachedGetsThemFromDisk() {
        RaftOptions noCache = OPTIONS.with().cacheBytes(0).build();
        CoreProbe probe = CoreProbe.leader(noCache, 3, 5, 1, 1, 1);
        probe.receive(2, new AppendRejected(5, 3, at(0, 0)));
        Effect.Load load = probe.effects(Effect.Load.class).get(0);
        assertThat(load.from()).isEqualTo(1);
        assertThat(probe.sentTo(2, AppendEntries.class)).isEmpty();
        probe.event(new Event.Loaded(1, log(1, 1)));
        AppendEntries append = probe.sentTo(2, AppendEntries.class).get(0);
        assertThat(append.previous()).isEqualTo(at(0, 0));
        assertThat(append.entries()).isEqualTo(log(1, 1));
    }

    @Test
    void anAcknowledgementDuringTheReadingOfEntriesLeavesTheFollowerServed() {
        CoreProbe probe = CoreProbe.leader(3, 5, 1, 1, 1);
        probe.receive(2, new AppendRejected(5, 3, at(0, 0)));
        assertThat(probe.effects(Effect.Load.class)).hasSize(1);
        probe.receive(2, new AppendAccepted(5, 2)); // late, and further than what is being read
        Effect.Load next = probe.effects(Effect.Load.class).get(0);
        assertThat(next.from()).isEqualTo(3);
        probe.event(new Event.Loaded(1, log(1, 1, 1)));
        assertThat(probe.sentTo(2, AppendEntries.class)).isEmpty();
        probe.event(new Event.Loaded(3, logFrom(3, 1)));
        assertThat(probe.sentTo(2, AppendEntries.class).get(0).previous()).isEqualTo(at(1, 2));
    }

    @Test
    void whatWasReadAndLeftTheLogMeanwhileIsNotSent() {
        CoreProbe probe = CoreProbe.leader(3, 5, 1, 1, 1);
        probe.receive(2, new AppendRejected(5, 3, at(0, 0)));
        probe.event(new Event.Loaded(1, List.of(entry(1, 1), entry(4, 2), entry(4, 3))));
        assertThat(probe.sentTo(2, AppendEntries.class).get(0).entries()).isEqualTo(log(1));
    }

    @Test
    void heartbeatsNameNoMoreThanTheFollowerHolds() {
        CoreProbe probe = CoreProbe.leader(3, 5, 1, 1);
        probe.receive(2, new AppendAccepted(5, 3));
        probe.sent();
        probe.passTime(HEARTBEAT_NANOS);
        assertThat(probe.sentTo(2, Heartbeat.class).get(0).commit()).isEqualTo(3);
        assertThat(probe.sentTo(3, Heartbeat.class).get(0).commit()).isZero();
    }

    @Test
    void aFirstProposalLargerThanTheQuotaIsAcceptedAlone() {
        RaftOptions tight = OPTIONS.with().maxUncommittedBytes(100).maxAppendBytes(10).build();
        CoreProbe probe = CoreProbe.settledLeader(tight, 3, 5);
        Payload large = Payload.wrap(new byte[5_000]);
        probe.event(new Event.Propose(Ticket.local(1), large));
        probe.event(new Event.Propose(Ticket.local(2), Payload.EMPTY));
        assertThat(probe.effects(Effect.Admitted.class)).hasSize(1);
        assertThat(probe.effects(Effect.Refused.class))
                .containsExactly(
                        new Effect.Refused(Ticket.local(2), Effect.Refused.Reason.OVERLOADED));
        assertThat(probe.sentTo(2, AppendEntries.class).get(0).entries()).hasSize(1);
        probe.sync();
        probe.receive(2, new AppendAccepted(5, 2));
        probe.event(new Event.Propose(Ticket.local(3), Payload.EMPTY));
        assertThat(probe.effects(Effect.Admitted.class)).as("after its commit").hasSize(1);
    }

    @Test
    void aLeaderWhoseLogIsFullTakesNoProposalsUntilThereIsRoom() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.event(new Event.RoomChanged(LogRoom.AT_BOUND));
        probe.event(new Event.Propose(Ticket.local(1), Payload.EMPTY));
        assertThat(probe.effects(Effect.Admitted.class)).isEmpty();
        assertThat(probe.effects(Effect.Refused.class))
                .containsExactly(
                        new Effect.Refused(Ticket.local(1), Effect.Refused.Reason.OVERLOADED));
        probe.event(new Event.RoomChanged(LogRoom.ENOUGH));
        probe.event(new Event.Propose(Ticket.local(2), Payload.EMPTY));
        assertThat(probe.effects(Effect.Admitted.class)).hasSize(1);
    }

    @Test
    void timestampsNeverGoBack() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.core.step(probe.now(), 9_000_000, new Event.Propose(Ticket.local(1), Payload.EMPTY));
        probe.core.step(probe.now(), 10, new Event.Propose(Ticket.local(2), Payload.EMPTY));
        probe.drain();
        List<Entry> entries = probe.effects(Effect.Persist.class).get(0).entries();
        assertThat(entries)
                .extracting(Entry::timestampMillis)
                .containsExactly(9_000_000L, 9_000_000L);
    }

    // ---- proposals elsewhere ----

    @Test
    void aFollowerForwardsWithItsTerm() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.propose(1);
        assertThat(probe.effects(Effect.Refused.class)).hasSize(1);
        probe.receive(2, new Heartbeat(4, 0, 0));
        probe.propose(2);
        assertThat(probe.effects(Effect.Forward.class))
                .containsExactly(
                        new Effect.Forward(
                                Ticket.local(2), id(2), new ForwardProposal(4, 2, Payload.of(2))));
    }

    @Test
    void aForwardedProposalIsNeverForwardedAgain() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.receive(2, new Heartbeat(4, 0, 0));
        probe.receive(3, new ForwardProposal(4, 9, Payload.EMPTY));
        assertThat(probe.effects(Effect.Forward.class)).isEmpty();
        assertThat(probe.effects(Effect.Refused.class))
                .containsExactly(
                        new Effect.Refused(new Ticket(id(3), 9), Effect.Refused.Reason.NO_LEADER));
    }

    @Test
    void aProposalForwardedInAnOlderTermIsRefused() {
        CoreProbe probe = CoreProbe.settledLeader(3, 5);
        probe.receive(2, new ForwardProposal(4, 9, Payload.EMPTY));
        assertThat(probe.effects(Effect.Admitted.class)).isEmpty();
        assertThat(probe.effects(Effect.Refused.class)).hasSize(1);
        probe.receive(2, new ForwardProposal(5, 10, Payload.EMPTY));
        assertThat(probe.effects(Effect.Admitted.class))
                .containsExactly(new Effect.Admitted(new Ticket(id(2), 10), at(5, 2)));
    }

    @Test
    void aCandidateTakesNoProposal() {
        CoreProbe probe = CoreProbe.follower(3, 4);
        probe.passTime(2 * ELECTION_NANOS);
        probe.effects();
        probe.receive(2, new ForwardProposal(4, 9, Payload.EMPTY));
        probe.propose(1);
        assertThat(probe.effects(Effect.Refused.class)).hasSize(2);
    }
}
