package dev.lockstep.raft.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.core.Effect;
import dev.lockstep.raft.message.ProposalReply;
import dev.lockstep.raft.message.ProposalReply.Outcome;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Overloaded;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProposalsTest {
    private static final ReplicaId LEADER = replica("n2");
    private static final ReplicaId OTHER = replica("n3");

    private final AtomicLong pendingBytes = new AtomicLong();
    private long lastAttempt = 1_000;
    private final Proposals proposals =
            new Proposals(
                    Duration.ofMillis(25),
                    () -> Duration.ofMillis(50),
                    pendingBytes,
                    () -> ++lastAttempt);
    private final List<String> ends = new ArrayList<>();
    private final List<Proposal> offered = new ArrayList<>();

    private static ReplicaId replica(String node) {
        return new ReplicaId(NodeId.of(node), new UUID(1, node.hashCode()));
    }

    private final class Recorded implements Completion {
        private final long id;

        Recorded(long id) {
            this.id = id;
        }

        @Override
        public void done(long index, Payload result) {
            ends.add(id + " done " + result.asString());
        }

        @Override
        public void notDone(NotDone why) {
            ends.add(id + " not done " + why.reason());
        }

        @Override
        public void unknown(OutcomeUnknown why) {
            ends.add(id + " unknown");
        }
    }

    private Proposal add(long id, long deadlineNanos) {
        Proposal proposal = new Proposal(id, Payload.of("p" + id), new Recorded(id), deadlineNanos);
        pendingBytes.addAndGet(proposal.weightBytes());
        proposals.add(proposal);
        return proposal;
    }

    private void offer() {
        proposals.offerAll(offered::add);
    }

    private static Entry command(long term, long index) {
        return new Entry(term, index, EntryKind.COMMAND, 0, Payload.EMPTY);
    }

    private static LogPosition at(long term, long index) {
        return new LogPosition(term, index);
    }

    private void reply(ReplicaId from, long id, Outcome outcome) {
        proposals.replied(
                from, new ProposalReply(5, id, outcome, 0, Payload.of("answer")), Runnable::run, 0);
    }

    @Test
    void areOfferedInTheOrderInWhichTheyCame() {
        for (int id = 1; id <= 5; id++) {
            add(id, 100);
        }
        offer();
        assertThat(offered).extracting(p -> p.id).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(proposals.isWaiting()).isFalse();
    }

    @Test
    void theCoresAnswersMeetTheProposalsInOrder() {
        add(1, 100);
        add(2, 100);
        add(3, 100);
        offer();
        proposals.admitted(at(5, 10));
        proposals.refused(Effect.Refused.Reason.OVERLOADED, 0);
        proposals.admitted(at(5, 11));
        assertThat(ends).containsExactly("2 not done OVERLOADED");
        Proposal[] found = proposals.takeFor(List.of(command(5, 10), command(5, 11)));
        assertThat(found).extracting(p -> p.id).containsExactly(1L, 3L);
    }

    @Test
    void whoseTurnIsNotInTheBatchIsNotFound() {
        add(1, 100);
        offer();
        proposals.admitted(at(5, 12));
        assertThat(proposals.takeFor(List.of(command(5, 10), command(5, 11))))
                .containsExactly(null, null);
        assertThat(proposals.takeFor(List.of(command(5, 12)))[0].id).isEqualTo(1);
    }

    @Test
    void anAppliedProposalIsFinishedAndItsBytesAreFree() {
        Proposal proposal = add(1, 100);
        offer();
        proposals.admitted(at(5, 10));
        Proposal[] found = proposals.takeFor(List.of(command(5, 10)));
        assertThat(pendingBytes.get()).isEqualTo(proposal.weightBytes());
        proposals.finished(found);
        assertThat(pendingBytes.get()).isZero();
        assertThat(proposals.deadlineNanos()).isEqualTo(Long.MAX_VALUE);
        proposals.expire(1_000);
        assertThat(ends).as("the applier tells the end").isEmpty();
    }

    @Test
    void withoutALeaderItWaitsAgain() {
        add(1, 100);
        offer();
        proposals.refused(Effect.Refused.Reason.NO_LEADER, 0);
        assertThat(proposals.isWaiting()).isTrue();
        assertThat(ends).isEmpty();
        offer();
        assertThat(offered).hasSize(2);
    }

    @Test
    void atTheDeadlineOneThatNeverLeftIsNotDone() {
        add(1, 100);
        offer();
        proposals.refused(Effect.Refused.Reason.NO_LEADER, 0);
        proposals.expire(99);
        assertThat(ends).isEmpty();
        proposals.expire(100);
        assertThat(ends).containsExactly("1 not done NO_LEADER");
        assertThat(proposals.isWaiting()).isFalse();
        assertThat(pendingBytes.get()).isZero();
        offer();
        assertThat(offered).as("offered once").hasSize(1);
    }

    @Test
    void atTheDeadlineOneThatWasAdmittedIsUnknown() {
        add(1, 100);
        offer();
        proposals.admitted(at(5, 10));
        proposals.expire(100);
        assertThat(ends).containsExactly("1 unknown");
        proposals.leadershipLost(0);
        assertThat(ends).as("told once").hasSize(1);
        assertThat(pendingBytes.get()).isZero();
    }

    @Test
    void atTheDeadlineOneThatWasForwardedIsUnknown() {
        add(1, 100);
        offer();
        proposals.forwarded(LEADER, true, 0);
        proposals.expire(100);
        assertThat(ends).containsExactly("1 unknown");
        reply(LEADER, 1, Outcome.DONE);
        assertThat(ends).as("told once").hasSize(1);
        assertThat(pendingBytes.get()).isZero();
    }

    @Test
    void expiresInTheOrderOfDeadlines() {
        add(1, 100);
        add(2, 200);
        add(3, 300);
        assertThat(proposals.deadlineNanos()).isEqualTo(100);
        proposals.expire(250);
        assertThat(ends).containsExactly("1 not done NO_LEADER", "2 not done NO_LEADER");
        assertThat(proposals.deadlineNanos()).isEqualTo(300);
    }

    @Test
    void whatCouldNotBeSentWaitsAndIsNotDoneAtItsDeadline() {
        add(1, 100);
        offer();
        proposals.forwarded(LEADER, false, 0);
        assertThat(proposals.isWaiting()).isTrue();
        proposals.expire(100);
        assertThat(ends).containsExactly("1 not done NO_LEADER");
    }

    @Test
    void theLeadersAnswerEndsAForwardedOne() {
        for (int id = 1; id <= 4; id++) {
            add(id, 100);
        }
        offer();
        for (int id = 1; id <= 4; id++) {
            proposals.forwarded(LEADER, true, 0);
        }
        reply(LEADER, 2, Outcome.DONE);
        reply(LEADER, 1, Outcome.OVERLOADED);
        reply(LEADER, 4, Outcome.UNKNOWN);
        reply(LEADER, 3, Outcome.NOT_DONE);
        assertThat(ends)
                .containsExactly(
                        "2 done answer",
                        "1 not done OVERLOADED",
                        "4 unknown",
                        "3 not done REFUSED");
        assertThat(pendingBytes.get()).isZero();
    }

    @Test
    void anAnswerCountsOnceAndFromItsLeaderOnly() {
        add(1, 100);
        offer();
        proposals.forwarded(LEADER, true, 0);
        reply(OTHER, 1, Outcome.DONE);
        assertThat(ends).isEmpty();
        reply(LEADER, 1, Outcome.DONE);
        reply(LEADER, 1, Outcome.DONE);
        reply(LEADER, 77, Outcome.DONE);
        assertThat(ends).containsExactly("1 done answer");
    }

    @Test
    void notLeaderSendsItBackToWaitAsNeverExposed() {
        add(1, 100);
        offer();
        proposals.forwarded(LEADER, true, 0);
        reply(LEADER, 1, Outcome.NOT_LEADER);
        assertThat(proposals.isWaiting()).isTrue();
        proposals.leaderChanged(OTHER);
        assertThat(ends).isEmpty();
        proposals.expire(100);
        assertThat(ends).containsExactly("1 not done NO_LEADER");
    }

    /** Else the command is sent a third time, and applied twice (simulation, seed 191). */
    @Test
    void anAnswerThatComesTwiceIsNotThatToTheNextAttempt() {
        add(1, 100);
        offer();
        proposals.forwarded(LEADER, true, 0);
        reply(LEADER, 1, Outcome.NOT_LEADER);
        offer();
        proposals.forwarded(LEADER, true, 0);
        reply(LEADER, 1, Outcome.NOT_LEADER);
        assertThat(proposals.isWaiting()).isFalse();
        reply(LEADER, lastAttempt, Outcome.DONE);
        assertThat(ends).containsExactly("1 done answer");
    }

    @Test
    void anotherLeaderMakesForwardedOnesUnknown() {
        add(1, 100);
        add(2, 100);
        offer();
        proposals.forwarded(LEADER, true, 0);
        proposals.forwarded(OTHER, true, 0);
        proposals.leaderChanged(OTHER);
        assertThat(ends).containsExactly("1 unknown");
        proposals.leaderChanged(null);
        assertThat(ends).containsExactly("1 unknown", "2 unknown");
        assertThat(pendingBytes.get()).isZero();
    }

    @Test
    void theSameLeaderAgainChangesNothing() {
        add(1, 100);
        offer();
        proposals.forwarded(LEADER, true, 0);
        proposals.leaderChanged(LEADER);
        assertThat(ends).isEmpty();
    }

    @Test
    void lostLeadershipMakesUncommittedOnesUnknownAndKeepsCommittedOnes() {
        add(1, 100);
        add(2, 100);
        offer();
        proposals.admitted(at(5, 10));
        proposals.admitted(at(5, 11));
        proposals.leadershipLost(10);
        assertThat(ends).containsExactly("2 unknown");
        Proposal[] found = proposals.takeFor(List.of(command(5, 10)));
        assertThat(found[0].id).isEqualTo(1);
    }

    @Test
    void anEntryOfAnotherLeaderAtTheSameIndexIsNotTheProposal() {
        Proposal overwritten = add(1, 100);
        offer();
        proposals.admitted(at(5, 10));
        // One message of the next leader deposed this one, replaced 10 and committed it.
        proposals.leadershipLost(11);
        Proposal[] found = proposals.takeFor(List.of(command(6, 10), command(6, 11)));
        assertThat(found).containsExactly(null, null);
        assertThat(ends).containsExactly("1 not done OVERWRITTEN");
        assertThat(overwritten.finished).isTrue();
        assertThat(pendingBytes.get()).isZero();
    }

    @Test
    void whatAnotherReplicaForwardedIsToldToIt() {
        proposals.admittedFor(new Recorded(9), at(5, 10));
        proposals.admittedFor(new Recorded(8), at(5, 11));
        Proposal[] found = proposals.takeFor(List.of(command(5, 10)));
        found[0].completion.done(1, Payload.of("x"));
        proposals.leadershipLost(10);
        assertThat(ends).containsExactly("9 done x", "8 unknown");
        assertThat(pendingBytes.get()).isZero();
    }

    @Test
    void theEndOfTheReplicaEndsEverythingOnce() {
        add(1, 100);
        add(2, 100);
        add(3, 100);
        add(4, 100);
        offer();
        proposals.admitted(at(5, 10));
        proposals.admitted(at(5, 11));
        proposals.forwarded(LEADER, true, 0);
        proposals.refused(Effect.Refused.Reason.NO_LEADER, 0);
        Proposal[] applying = proposals.takeFor(List.of(command(5, 10)));
        proposals.admittedFor(new Recorded(9), at(5, 12));
        proposals.endAll(new NotDone(NotDone.Reason.CLOSED, "closed"));
        assertThat(ends)
                .containsExactlyInAnyOrder(
                        "1 unknown", "2 unknown", "3 unknown", "4 not done CLOSED", "9 unknown");
        proposals.finished(applying);
        proposals.expire(1_000);
        assertThat(ends).hasSize(5);
        assertThat(pendingBytes.get()).isZero();
    }

    @Test
    void overloadedSaysWhenToTryAgain() {
        Overloaded why = proposals.overloaded();
        assertThat(why.retryAfter()).isEqualTo(Duration.ofMillis(50));
        assertThat(why).hasMessageContaining("nothing was done");
    }

    @Test
    void whatASnapshotPassesEndsAsUnknownAndWhatIsBehindItGoesOn() {
        add(1, 1_000);
        add(2, 1_000);
        offer();
        proposals.admitted(at(5, 10));
        proposals.admitted(at(5, 11));
        proposals.passedBy(9);
        assertThat(ends).isEmpty();
        proposals.passedBy(10);
        assertThat(ends).containsExactly("1 unknown");
        assertThat(proposals.takeFor(List.of(command(5, 11)))).doesNotContainNull();
    }
}
