package dev.lockstep.raft.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ReadsTest {
    private static final long FIRST_ID = 700;

    private final Reads reads = new Reads(FIRST_ID);
    private final List<String> run = new ArrayList<>();
    private final List<String> ended = new ArrayList<>();

    private void add(String question, long deadlineNanos) {
        reads.add(
                new PendingRead(
                        Payload.of(question),
                        deadlineNanos,
                        new CompletableFuture<>(),
                        null,
                        new AtomicLong()));
    }

    private void runAt(long handedIndex) {
        reads.run(handedIndex, read -> run.add(read.question.asString()));
    }

    private void expire(long now) {
        reads.expire(now, read -> ended.add(read.question.asString()));
    }

    @Test
    void allFreshOnesShareOneQuestion() {
        add("a", 100);
        add("b", 100);
        long id = reads.ask(1);
        assertThat(reads.hasFresh()).isFalse();
        reads.ready(id, 7);
        runAt(7);
        assertThat(run).containsExactly("a", "b");
        assertThat(reads.isAsking()).isFalse();
    }

    @Test
    void waitUntilTheirIndexIsHandedToTheStateMachine() {
        add("a", 100);
        reads.ready(reads.ask(1), 7);
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
        long first = reads.ask(1);
        add("b", 100);
        long second = reads.ask(2);
        assertThat(second).isNotEqualTo(first);
        reads.ready(second, 9);
        runAt(9);
        assertThat(run).containsExactly("b");
        reads.ready(first, 3);
        reads.ready(first, 3);
        runAt(9);
        assertThat(run).containsExactly("b", "a");
    }

    @Test
    void idsBeginWhereTheyAreToldSoThatAnAnswerToAnEarlierProcessIsNotTaken() {
        add("a", 100);
        assertThat(reads.ask(1)).isEqualTo(FIRST_ID + 1);
    }

    @Test
    void refusedOnesAreFreshAgain() {
        add("a", 100);
        reads.refused(reads.ask(1));
        assertThat(reads.hasFresh()).isTrue();
        reads.ready(reads.ask(2), 1);
        runAt(1);
        assertThat(run).containsExactly("a");
    }

    @Test
    void anUnansweredQuestionIsAskedAgainUnderANewId() {
        add("a", 100);
        long first = reads.ask(10);
        add("b", 100);
        long second = reads.ask(20);
        reads.askAgain(9);
        assertThat(reads.hasFresh()).isFalse();
        reads.askAgain(10);
        assertThat(reads.hasFresh()).isTrue();
        long again = reads.ask(30);
        reads.ready(first, 1); // late: nobody waits for it under this id
        runAt(50);
        assertThat(run).isEmpty();
        reads.ready(again, 5);
        reads.ready(second, 5);
        runAt(5);
        assertThat(run).containsExactly("a", "b");
    }

    @Test
    void expireWhereverTheyAre() {
        add("ready", 100);
        reads.ready(reads.ask(1), 9);
        add("asked", 100);
        long asked = reads.ask(2);
        add("fresh", 100);
        add("later", 200);
        assertThat(reads.deadlineNanos()).isEqualTo(100);
        expire(99);
        assertThat(ended).isEmpty();
        expire(100);
        assertThat(ended).containsExactlyInAnyOrder("ready", "asked", "fresh");
        assertThat(reads.deadlineNanos()).isEqualTo(200);
        reads.ready(asked, 1);
        runAt(9);
        assertThat(run).isEmpty();
    }

    @Test
    void endAllEndsAllOnce() {
        add("ready", 100);
        reads.ready(reads.ask(1), 9);
        add("asked", 100);
        reads.ask(2);
        add("fresh", 100);
        reads.endAll(read -> ended.add(read.question.asString()));
        assertThat(ended).containsExactlyInAnyOrder("ready", "asked", "fresh");
        assertThat(reads.isEmpty()).isTrue();
        reads.endAll(read -> ended.add("again"));
        assertThat(ended).hasSize(3);
    }
}
