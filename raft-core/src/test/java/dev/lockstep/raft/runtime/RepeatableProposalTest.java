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
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a session makes safe to repeat goes on where another proposal would end as unknown. */
class RepeatableProposalTest {
    private static final ReplicaId LEADER = new ReplicaId(NodeId.of("n2"), new UUID(1, 2));
    private static final ReplicaId OTHER = new ReplicaId(NodeId.of("n3"), new UUID(1, 3));

    /** Half of what clients are told to wait. */
    private static final long PAUSE = Duration.ofMillis(25).toNanos();

    private final AtomicLong pendingBytes = new AtomicLong();
    private long lastAttempt = 1;
    private final Proposals proposals =
            new Proposals(
                    Duration.ofMillis(25),
                    () -> Duration.ofMillis(50),
                    pendingBytes,
                    () -> ++lastAttempt);
    private final List<String> ends = new ArrayList<>();
    private final List<Proposal> offered = new ArrayList<>();

    private final Completion completion =
            new Completion() {
                @Override
                public void done(long index, Payload result) {
                    ends.add("done");
                }

                @Override
                public void notDone(NotDone why) {
                    ends.add("not done " + why.reason());
                }

                @Override
                public void unknown(OutcomeUnknown why) {
                    ends.add("unknown");
                }

                @Override
                public void repeated() {
                    ends.add("again");
                }
            };

    @BeforeEach
    void propose() {
        Proposal proposal =
                new Proposal(1, EntryKind.SESSION_COMMAND, Payload.of("x"), completion, 1_000);
        pendingBytes.addAndGet(proposal.weightBytes());
        proposals.add(proposal);
        offer();
    }

    private void offer() {
        proposals.offerAll(offered::add);
    }

    /** The number of the latest one. */
    private long attempt() {
        return offered.get(offered.size() - 1).id;
    }

    private boolean reply(Outcome outcome) {
        return proposals.replied(
                LEADER,
                new ProposalReply(5, attempt(), outcome, 0, Payload.of("why")),
                Runnable::run,
                0);
    }

    @Test
    void isOfferedToTheNextLeaderWhenTheFormerMayHaveAppendedIt() {
        proposals.forwarded(LEADER, true, 10);
        proposals.leaderChanged(OTHER);
        assertThat(ends).containsExactly("again");
        offer();
        assertThat(offered).hasSize(2);
        proposals.forwarded(OTHER, true, 20);
        proposals.replied(
                OTHER,
                new ProposalReply(5, attempt(), Outcome.DONE, 7, Payload.EMPTY),
                Runnable::run,
                0);
        assertThat(ends).containsExactly("again", "done");
        assertThat(pendingBytes.get()).isZero();
    }

    @Test
    void goesOnWhenThisReplicaLosesItsLeadership() {
        proposals.admitted(new LogPosition(5, 10));
        proposals.leadershipLost(9);
        assertThat(ends).containsExactly("again");
        assertThat(proposals.isWaiting()).isTrue();
        // The entry may commit all the same; nobody waits for it there any more.
        Entry entry = new Entry(5, 10, EntryKind.SESSION_COMMAND, 0, Payload.EMPTY);
        assertThat(proposals.takeFor(List.of(entry))).containsExactly((Proposal) null);
    }

    /** Its answer is in the snapshot, with the session; only its place in the log is gone. */
    @Test
    void goesOnWhenASnapshotTakesTheLogsPlace() {
        proposals.admitted(new LogPosition(5, 10));
        proposals.passedBy(9);
        assertThat(ends).isEmpty();
        proposals.passedBy(10);
        assertThat(ends).containsExactly("again");
        assertThat(proposals.isWaiting()).isTrue();
    }

    @Test
    void isSentAgainWhenTheLeaderDoesNotAnswer() {
        proposals.forwarded(LEADER, true, 10);
        assertThat(proposals.oldestSentNanos()).isEqualTo(10);
        proposals.repeatUnanswered(9);
        assertThat(ends).isEmpty();
        proposals.repeatUnanswered(10);
        assertThat(ends).containsExactly("again");
        assertThat(proposals.oldestSentNanos()).isEqualTo(Long.MAX_VALUE);
        offer();
        proposals.forwarded(LEADER, true, 30);
        proposals.repeatUnanswered(10);
        assertThat(ends).as("sent at 30 now").containsExactly("again");
        assertThat(reply(Outcome.DONE)).isFalse();
        proposals.repeatUnanswered(1_000);
        assertThat(ends).containsExactly("again", "done");
    }

    @Test
    void aLateAnswerToAnEarlierTryIsNotTakenForOneToTheNext() {
        proposals.forwarded(LEADER, true, 10);
        long first = attempt();
        proposals.repeatUnanswered(10);
        offer();
        proposals.forwarded(LEADER, true, 20);
        assertThat(attempt()).isNotEqualTo(first);
        ProposalReply late = new ProposalReply(5, first, Outcome.NOT_LEADER, 0, Payload.EMPTY);
        assertThat(proposals.replied(LEADER, late, Runnable::run, 0)).isFalse();
        assertThat(proposals.isWaiting()).isFalse();
    }

    @Test
    void anUnknownAnswerIsAskedForAgain() {
        proposals.forwarded(LEADER, true, 10);
        assertThat(reply(Outcome.UNKNOWN)).isTrue();
        assertThat(ends).containsExactly("again");
    }

    @Test
    void whatALeaderRefusesIsNotARepetition() {
        proposals.forwarded(LEADER, true, 10);
        assertThat(reply(Outcome.NOT_DONE)).isTrue();
        offer();
        proposals.forwarded(LEADER, true, 20);
        assertThat(reply(Outcome.NOT_LEADER)).isTrue();
        proposals.expire(1_000);
        assertThat(ends).containsExactly("not done NO_LEADER");
        assertThat(pendingBytes.get()).isZero();
    }

    @Test
    void anOverwrittenTryWaitsAgain() {
        proposals.admitted(new LogPosition(5, 10));
        Entry other = new Entry(6, 10, EntryKind.COMMAND, 0, Payload.EMPTY);
        assertThat(proposals.takeFor(List.of(other))).containsExactly((Proposal) null);
        assertThat(ends).isEmpty();
        assertThat(proposals.isWaiting()).isTrue();
    }

    @Test
    void overloadIsToldAtOnceUnlessAnEarlierTryMayHaveRun() {
        proposals.refused(Effect.Refused.Reason.OVERLOADED, 0);
        assertThat(ends).containsExactly("not done OVERLOADED");
    }

    @Test
    void onceATryMayHaveRunNothingEndsItAsNotDone() {
        proposals.forwarded(LEADER, true, 10);
        proposals.leaderChanged(null);
        offer();
        proposals.refused(Effect.Refused.Reason.OVERLOADED, 0);
        proposals.resume(PAUSE);
        offer();
        proposals.forwarded(LEADER, true, 20);
        reply(Outcome.OVERLOADED);
        proposals.resume(PAUSE);
        offer();
        proposals.forwarded(LEADER, true, 30);
        reply(Outcome.NOT_LEADER);
        offer();
        proposals.forwarded(LEADER, true, 40);
        reply(Outcome.NOT_DONE);
        assertThat(ends).containsExactly("again");
        proposals.expire(1_000);
        assertThat(ends).containsExactly("again", "unknown");
        assertThat(pendingBytes.get()).isZero();
    }

    @Test
    void aFurtherTryThatFindsNoRoomWaitsALittleAndHoldsUpNobodyElse() {
        proposals.forwarded(LEADER, true, 10);
        proposals.leaderChanged(null);
        offer();
        proposals.refused(Effect.Refused.Reason.OVERLOADED, 100);
        assertThat(proposals.isWaiting()).isFalse();
        assertThat(proposals.resumeNanos()).isEqualTo(100 + PAUSE);
        proposals.resume(100 + PAUSE - 1);
        assertThat(proposals.isWaiting()).isFalse();
        proposals.resume(100 + PAUSE);
        assertThat(proposals.isWaiting()).isTrue();
        assertThat(proposals.resumeNanos()).isEqualTo(Long.MAX_VALUE);
        offer();
        proposals.refused(Effect.Refused.Reason.DISK_FULL, 200);
        proposals.expire(1_000);
        assertThat(ends).containsExactly("again", "unknown");
        assertThat(proposals.resumeNanos()).as("nobody waits").isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theEndOfTheReplicaEndsItAsUnknownIfATryMayHaveRun() {
        proposals.forwarded(LEADER, true, 10);
        proposals.leaderChanged(null);
        proposals.endAll(new NotDone(NotDone.Reason.CLOSED, "closed"));
        assertThat(ends).containsExactly("again", "unknown");
        assertThat(proposals.oldestSentNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(proposals.isWaiting()).isFalse();
        assertThat(pendingBytes.get()).isZero();
    }
}
