package dev.lockstep.raft.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.core.Event;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.Stamped;
import dev.lockstep.raft.spi.ReadLevel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ReadsTest {
    private static final long FIRST_ID = 700;

    private final Reads reads = new Reads(FIRST_ID);
    private final List<String> run = new ArrayList<>();
    private final List<String> ended = new ArrayList<>();
    private final List<NotDone.Reason> reasons = new ArrayList<>();

    private void add(String question, long deadlineNanos) {
        add(question, 0, deadlineNanos, ReadLevel.LINEARIZABLE);
    }

    private void add(String question, long begunNanos, long deadlineNanos, ReadLevel level) {
        reads.add(
                new PendingRead(
                        Payload.of(question),
                        begunNanos,
                        deadlineNanos,
                        new ClientFuture<>(Stamped::new),
                        null,
                        new AtomicLong()),
                level);
    }

    /** Asks, and returns the id of the one question that there is. */
    private long ask(long nowNanos) {
        List<Event.Read> questions = new ArrayList<>();
        reads.ask(nowNanos, questions::add);
        assertThat(questions).hasSize(1);
        assertThat(questions.get(0).byLease()).isFalse();
        return questions.get(0).id();
    }

    private void ready(long id, long index) {
        reads.ready(id, index, read -> null);
    }

    private static ReadLevel stale(long nanos) {
        return ReadLevel.boundedStaleness(Duration.ofNanos(nanos));
    }

    private void runAt(long handedIndex) {
        reads.run(handedIndex, read -> run.add(read.question.asString()));
    }

    private void expire(long now) {
        reads.expire(
                now,
                (read, why) -> {
                    ended.add(read.question.asString());
                    reasons.add(why.reason());
                });
    }

    @Test
    void allFreshOnesShareOneQuestion() {
        add("a", 100);
        add("b", 100);
        long id = ask(1);
        assertThat(reads.hasFresh()).isFalse();
        ready(id, 7);
        runAt(7);
        assertThat(run).containsExactly("a", "b");
        assertThat(reads.isAsking()).isFalse();
    }

    @Test
    void waitUntilTheirIndexIsHandedToTheStateMachine() {
        add("a", 100);
        ready(ask(1), 7);
        runAt(6);
        assertThat(run).isEmpty();
        runAt(8);
        assertThat(run).containsExactly("a");
        runAt(9);
        assertThat(run).as("run once").hasSize(1);
    }

    @Test
    void anAnswerCountsForTheQuestionThatItNames() {
        add("a", 100);
        long first = ask(1);
        add("b", 100);
        long second = ask(2);
        assertThat(second).isNotEqualTo(first);
        ready(second, 9);
        runAt(9);
        assertThat(run).containsExactly("b");
        ready(first, 3);
        ready(first, 3);
        runAt(9);
        assertThat(run).containsExactly("b", "a");
    }

    @Test
    void idsBeginWhereTheyAreToldSoThatAnAnswerToAnEarlierProcessIsNotTaken() {
        add("a", 100);
        assertThat(ask(1)).isEqualTo(FIRST_ID + 1);
    }

    @Test
    void refusedOnesAreFreshAgain() {
        add("a", 100);
        reads.refused(ask(1));
        assertThat(reads.hasFresh()).isTrue();
        ready(ask(2), 1);
        runAt(1);
        assertThat(run).containsExactly("a");
    }

    @Test
    void anUnansweredQuestionIsAskedAgainUnderANewId() {
        add("a", 100);
        long first = ask(10);
        add("b", 100);
        long second = ask(20);
        reads.askAgain(9);
        assertThat(reads.hasFresh()).isFalse();
        reads.askAgain(10);
        assertThat(reads.hasFresh()).isTrue();
        long again = ask(30);
        ready(first, 1); // late: nobody waits for it under this id
        runAt(50);
        assertThat(run).isEmpty();
        ready(again, 5);
        ready(second, 5);
        runAt(5);
        assertThat(run).containsExactly("a", "b");
    }

    @Test
    void expireWhereverTheyAre() {
        add("ready", 100);
        ready(ask(1), 9);
        add("asked", 100);
        long asked = ask(2);
        add("fresh", 100);
        add("later", 200);
        assertThat(reads.deadlineNanos()).isEqualTo(100);
        expire(99);
        assertThat(ended).isEmpty();
        expire(100);
        assertThat(ended).containsExactlyInAnyOrder("ready", "asked", "fresh");
        assertThat(reasons)
                .containsExactlyInAnyOrder(
                        NotDone.Reason.BEHIND, NotDone.Reason.NO_LEADER, NotDone.Reason.NO_LEADER);
        assertThat(reads.deadlineNanos()).isEqualTo(200);
        ready(asked, 1);
        runAt(9);
        assertThat(run).isEmpty();
    }

    @Test
    void aSequentialReadWaitsForItsIndexAndAsksNobody() {
        add("a", 0, 100, ReadLevel.sequential(7));
        add("b", 0, 100, ReadLevel.sequential(5));
        assertThat(reads.isAsking()).isFalse();
        runAt(4);
        assertThat(run).isEmpty();
        runAt(6);
        assertThat(run).containsExactly("b");
        assertThat(reads.isEmpty()).isFalse();
        runAt(7);
        assertThat(run).containsExactly("b", "a");
    }

    @Test
    void aSequentialReadThatIsAheadOfTheReplicaEndsAtItsDeadlineAndSaysSo() {
        add("a", 0, 100, ReadLevel.sequential(7));
        runAt(6);
        expire(99);
        assertThat(ended).isEmpty();
        expire(100);
        assertThat(ended).containsExactly("a");
        assertThat(reasons).containsExactly(NotDone.Reason.BEHIND);
        assertThat(reads.isEmpty()).isTrue();
    }

    @Test
    void aStaleReadIsAnsweredFromWhatWasAskedWithinItsBound() {
        add("asked", 1_000, 9_000, ReadLevel.LINEARIZABLE);
        ready(ask(1_010), 7); // answered much later: it speaks of when it was asked
        runAt(7);
        add("fits", 1_060, 9_000, stale(50));
        assertThat(reads.hasFresh()).isFalse();
        runAt(7);
        assertThat(run).containsExactly("asked", "fits");
        add("too old", 1_061, 9_000, stale(50));
        assertThat(reads.hasFresh()).isTrue();
        runAt(8);
        assertThat(run).hasSize(2);
    }

    @Test
    void aStaleReadWaitsUntilWhatWasCommittedThenIsHere() {
        add("asked", 1_000, 9_000, ReadLevel.LINEARIZABLE);
        ready(ask(1_010), 7);
        add("stale", 1_020, 9_000, stale(50));
        runAt(6);
        assertThat(run).isEmpty();
        runAt(7);
        assertThat(run).containsExactly("asked", "stale");
    }

    @Test
    void aStaleReadBeforeAnyQuestionWasAnsweredAsks() {
        add("a", 0, 100, stale(1_000_000));
        assertThat(reads.hasFresh()).isTrue();
    }

    @Test
    void withBoundZeroOnlyAQuestionAfterTheReadCounts() {
        add("asked", 1_000, 9_000, ReadLevel.LINEARIZABLE);
        ready(ask(1_010), 7);
        add("now", 1_011, 9_000, stale(0));
        assertThat(reads.hasFresh()).isTrue();
    }

    @Test
    void anAnswerToAnEarlierQuestionThatComesLateIsNotTakenForTheLatest() {
        add("a", 0, 9_000, ReadLevel.LINEARIZABLE);
        long first = ask(100);
        add("b", 0, 9_000, ReadLevel.LINEARIZABLE);
        long second = ask(200);
        ready(second, 8);
        ready(first, 7);
        runAt(8);
        add("c", 210, 9_000, stale(20));
        runAt(7);
        assertThat(run).as("needs index 8").doesNotContain("c");
        runAt(8);
        assertThat(run).contains("c");
    }

    @Test
    void readsByLeaseAreAQuestionOfTheirOwnAndTellNothingToStaleReads() {
        add("a", 1_000, 9_000, ReadLevel.LINEARIZABLE);
        add("b", 1_000, 9_000, ReadLevel.LEASE);
        List<Event.Read> questions = new ArrayList<>();
        reads.ask(1_000, questions::add);
        assertThat(questions)
                .containsExactly(
                        new Event.Read(FIRST_ID + 1, false), new Event.Read(FIRST_ID + 2, true));
        ready(FIRST_ID + 2, 7);
        runAt(7);
        assertThat(run).containsExactly("b");
        add("c", 1_001, 9_000, stale(1_000));
        assertThat(reads.hasFresh()).as("c asks for itself").isTrue();
        reads.refused(FIRST_ID + 1);
        ready(ask(1_002), 7);
        runAt(7);
        assertThat(run).containsExactly("b", "c", "a");
    }

    @Test
    void aRefusedReadByLeaseAsksByLeaseAgain() {
        add("a", 1_000, 9_000, ReadLevel.LEASE);
        List<Event.Read> questions = new ArrayList<>();
        reads.ask(1_000, questions::add);
        reads.refused(FIRST_ID + 1);
        assertThat(reads.hasFresh()).isTrue();
        reads.ask(1_001, questions::add);
        assertThat(questions).extracting(Event.Read::byLease).containsExactly(true, true);
        expire(9_000);
        assertThat(ended).containsExactly("a");
    }

    @Test
    void levelsCheckThemselves() {
        assertThatThrownBy(() -> ReadLevel.sequential(-1)).hasMessageContaining("-1");
        assertThatThrownBy(() -> stale(-1)).hasMessageContaining("between 0 and");
        assertThatThrownBy(() -> ReadLevel.boundedStaleness(Duration.ofDays(366)))
                .hasMessageContaining("between 0 and");
        assertThat(ReadLevel.boundedStaleness(Duration.ofDays(365))).isNotNull();
    }

    @Test
    void endAllEndsAllOnce() {
        add("ready", 100);
        ready(ask(1), 9);
        add("asked", 100);
        ask(2);
        add("fresh", 100);
        reads.endAll(read -> ended.add(read.question.asString()));
        assertThat(ended).containsExactlyInAnyOrder("ready", "asked", "fresh");
        assertThat(reads.isEmpty()).isTrue();
        reads.endAll(read -> ended.add("again"));
        assertThat(ended).hasSize(3);
    }
}
