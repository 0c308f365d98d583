package dev.lockstep.raft.applied;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.applied.SessionAnswer.Outcome;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SessionCommand;
import dev.lockstep.raft.model.SessionId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SessionTableTest {
    private static final long TIMEOUT = 100;

    private final SessionTable table = new SessionTable();
    private final List<String> ran = new ArrayList<>();
    private long index;
    private long nowMillis = 1_000;

    private Entry entry(EntryKind kind, Payload payload) {
        table.pass(nowMillis);
        return new Entry(1, ++index, kind, nowMillis, payload);
    }

    /** With an entry often enough for the sessions' time to go along. */
    private void passTime(long millis) {
        for (long left = millis; left > 0; left -= TIMEOUT / 4) {
            nowMillis += Math.min(left, TIMEOUT / 4);
            Entry unused = entry(EntryKind.NO_OP, Payload.EMPTY);
        }
    }

    private SessionAnswer change(SessionChange change) {
        return SessionAnswer.decode(table.change(entry(EntryKind.SESSION, change.encode())));
    }

    private SessionId open(long nonce) {
        return open(nonce, 100, 100);
    }

    private SessionId open(long nonce, int maxSessions, int maxAnswers) {
        SessionAnswer answer =
                change(new SessionChange.Open(nonce, maxSessions, maxAnswers, TIMEOUT));
        assertThat(answer.outcome()).isEqualTo(Outcome.DONE);
        return new SessionId(answer.answer().asLong(), nonce);
    }

    private SessionAnswer command(SessionId session, long sequence, long lowest, String text) {
        SessionCommand command = new SessionCommand(session, sequence, lowest, Payload.of(text));
        return SessionAnswer.decode(
                table.apply(
                        entry(EntryKind.SESSION_COMMAND, SessionCommandFormat.encode(command)),
                        payload -> {
                            ran.add(payload.asString());
                            return Payload.of(payload.asString() + "=" + ran.size());
                        }));
    }

    @Test
    void aRetriedCommandRunsOnceAndHasTheSameAnswer() {
        SessionId session = open(7);
        SessionAnswer first = command(session, 1, 1, "a");
        SessionAnswer again = command(session, 1, 1, "a");
        assertThat(ran).containsExactly("a");
        assertThat(first).isEqualTo(again);
        assertThat(first.outcome()).isEqualTo(Outcome.DONE);
        assertThat(first.answer().asString()).isEqualTo("a=1");
    }

    @Test
    void theSameSequenceInAnotherSessionIsAnotherCommand() {
        SessionId one = open(7);
        SessionId two = open(8);
        command(one, 1, 1, "a");
        command(two, 1, 1, "b");
        assertThat(ran).containsExactly("a", "b");
    }

    @Test
    void commandsOfOneSessionRunInAnyOrder() {
        SessionId session = open(7);
        command(session, 3, 1, "c");
        command(session, 1, 1, "a");
        command(session, 2, 1, "b");
        command(session, 3, 1, "c");
        assertThat(ran).containsExactly("c", "a", "b");
    }

    @Test
    void belowTheWatermarkNothingEverRuns() {
        SessionId session = open(7);
        command(session, 1, 1, "a");
        command(session, 5, 4, "e");
        assertThat(command(session, 1, 1, "a").outcome()).isEqualTo(Outcome.FORGOTTEN);
        assertThat(command(session, 2, 1, "never applied before").outcome())
                .isEqualTo(Outcome.FORGOTTEN);
        assertThat(command(session, 4, 1, "d").outcome()).isEqualTo(Outcome.DONE);
        assertThat(ran).containsExactly("a", "e", "d");
    }

    @Test
    void theWatermarkNeverSinks() {
        SessionId session = open(7);
        command(session, 5, 5, "e");
        command(session, 6, 1, "f"); // made before the client had its answer to 5, applied after
        assertThat(command(session, 4, 1, "d").outcome()).isEqualTo(Outcome.FORGOTTEN);
        assertThat(ran).containsExactly("e", "f");
    }

    @Test
    void aFullSessionRefusesNewCommandsAndForgetsNoAnswer() {
        SessionId session = open(7, 10, 2);
        command(session, 1, 1, "a");
        command(session, 2, 1, "b");
        assertThat(command(session, 3, 1, "c").outcome()).isEqualTo(Outcome.FULL);
        assertThat(command(session, 1, 1, "a").answer().asString()).isEqualTo("a=1");
        assertThat(command(session, 3, 2, "c").outcome()).isEqualTo(Outcome.DONE);
        assertThat(ran).containsExactly("a", "b", "c");
    }

    @Test
    void aClosedSessionRunsNothing() {
        SessionId session = open(7);
        command(session, 1, 1, "a");
        change(new SessionChange.Close(session));
        assertThat(command(session, 1, 1, "a").outcome()).isEqualTo(Outcome.EXPIRED);
        assertThat(command(session, 2, 1, "b").outcome()).isEqualTo(Outcome.EXPIRED);
        assertThat(change(new SessionChange.KeepAlive(session)).outcome())
                .isEqualTo(Outcome.EXPIRED);
        assertThat(change(new SessionChange.Close(session)).outcome()).isEqualTo(Outcome.DONE);
        assertThat(ran).containsExactly("a");
    }

    @Test
    void anIndexAloneIsNoSession() {
        SessionId session = open(7);
        SessionId other = new SessionId(session.index(), 8);
        assertThat(command(other, 1, 1, "a").outcome()).isEqualTo(Outcome.EXPIRED);
        change(new SessionChange.Close(other));
        assertThat(command(session, 1, 1, "b").outcome()).isEqualTo(Outcome.DONE);
        assertThat(ran).containsExactly("b");
    }

    @Test
    void sessionsExpireByTheTimestampsOfTheLog() {
        SessionId unused = open(7);
        SessionId used = open(8);
        SessionId keptAlive = open(9);
        passTime(60);
        command(used, 1, 1, "a");
        change(new SessionChange.KeepAlive(keptAlive));
        passTime(39);
        change(new SessionChange.Expire(TIMEOUT));
        assertThat(table.size()).as("99 ms after the first was opened").isEqualTo(3);
        passTime(1);
        change(new SessionChange.Expire(TIMEOUT));
        assertThat(command(unused, 1, 1, "b").outcome()).isEqualTo(Outcome.EXPIRED);
        assertThat(command(used, 1, 1, "a").answer().asString()).isEqualTo("a=1");
        assertThat(change(new SessionChange.KeepAlive(keptAlive)).outcome())
                .isEqualTo(Outcome.DONE);
        assertThat(ran).containsExactly("a");
    }

    /** All clients are there: each is heard four times within the timeout. */
    @Test
    void aLeaderWhoseClockIsAheadByHoursEndsNoSessionThatIsUsed() {
        SessionId session = open(7);
        for (int jump = 0; jump < 5; jump++) {
            passTime(TIMEOUT / 4);
            nowMillis += 3_600_000;
            change(new SessionChange.Expire(TIMEOUT));
            passTime(TIMEOUT / 4);
            change(new SessionChange.Expire(TIMEOUT));
            assertThat(command(session, 1, 1, "a").outcome()).isEqualTo(Outcome.DONE);
        }
        passTime(TIMEOUT);
        change(new SessionChange.Expire(TIMEOUT));
        assertThat(command(session, 1, 1, "a").outcome()).isEqualTo(Outcome.EXPIRED);
    }

    @Test
    void aRetryCountsAsAUse() {
        SessionId session = open(7);
        command(session, 1, 1, "a");
        passTime(99);
        command(session, 1, 1, "a");
        passTime(99);
        change(new SessionChange.Expire(TIMEOUT));
        assertThat(command(session, 1, 1, "a").outcome()).isEqualTo(Outcome.DONE);
    }

    @Test
    void tooManySessionsAreNotOpenedAndNoneIsEvicted() {
        SessionId one = open(7, 2, 10);
        open(8, 2, 10);
        assertThat(change(new SessionChange.Open(9, 2, 10, TIMEOUT)).outcome())
                .isEqualTo(Outcome.TOO_MANY_SESSIONS);
        assertThat(command(one, 1, 1, "a").outcome()).isEqualTo(Outcome.DONE);
        change(new SessionChange.Close(one));
        open(9, 2, 10);
    }

    @Test
    void askingTwiceOpensOneSessionUntilItIsUsed() {
        SessionId first = open(7);
        assertThat(open(7)).isEqualTo(first);
        command(first, 1, 1, "a");
        assertThat(open(7)).isNotEqualTo(first);
        assertThat(table.size()).isEqualTo(2);
    }

    @Test
    void aCommandThatThrowsLeavesNoAnswer() {
        SessionId session = open(7);
        SessionCommand bad = new SessionCommand(session, 1, 1, Payload.of("bad"));
        assertThatThrownBy(
                        () ->
                                table.apply(
                                        entry(
                                                EntryKind.SESSION_COMMAND,
                                                SessionCommandFormat.encode(bad)),
                                        payload -> {
                                            throw new IllegalStateException("bad");
                                        }))
                .hasMessage("bad");
        assertThat(command(session, 1, 1, "good").outcome()).isEqualTo(Outcome.DONE);
    }

    @Test
    void bytesThatMakeNoSenseChangeNothing() {
        open(7);
        long before = table.hash();
        for (String text : List.of("", "x", "y".repeat(17), "z".repeat(31))) {
            assertThat(
                            SessionAnswer.decode(
                                            table.change(
                                                    entry(EntryKind.SESSION, Payload.of(text))))
                                    .outcome())
                    .isEqualTo(Outcome.MALFORMED);
            assertThat(
                            SessionAnswer.decode(
                                            table.apply(
                                                    entry(
                                                            EntryKind.SESSION_COMMAND,
                                                            Payload.of(text)),
                                                    payload -> {
                                                        throw new AssertionError("ran");
                                                    }))
                                    .outcome())
                    .isEqualTo(Outcome.MALFORMED);
        }
        Payload lowestAboveSequence =
                Payload.wrap(
                        ByteBuffer.allocate(32)
                                .putLong(1)
                                .putLong(7)
                                .putLong(1)
                                .putLong(2)
                                .array());
        assertThat(SessionCommandFormat.decode(lowestAboveSequence)).isNull();
        assertThat(table.hash()).isEqualTo(before);
    }

    private static SessionTable copyOf(SessionTable from) {
        ByteBuffer bytes = ByteBuffer.allocate((int) from.sizeBytes());
        from.writeTo(bytes);
        assertThat(bytes.remaining()).isZero();
        SessionTable copy = new SessionTable();
        copy.readFrom(bytes.flip());
        return copy;
    }

    /** Random entries; a table that is replaced by its own copy now and then answers the same. */
    @Test
    void aTableReadBackGoesOnAsTheOneThatWasWritten() {
        for (long seed = 1; seed <= 30; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            SessionTable kept = new SessionTable();
            SessionTable copied = new SessionTable();
            List<SessionId> opened = new ArrayList<>(List.of(new SessionId(1_000_000, 1)));
            long at = 0;
            long millis = 0;
            for (int step = 0; step < 400; step++) {
                millis += random.nextInt(20);
                SessionId session = opened.get(random.nextInt(opened.size()));
                EntryKind kind = EntryKind.SESSION;
                Payload payload;
                switch (random.nextInt(8)) {
                    case 0 ->
                            payload = new SessionChange.Open(random.nextInt(6), 5, 3, 99).encode();
                    case 1 -> payload = new SessionChange.Close(session).encode();
                    case 2 -> payload = new SessionChange.KeepAlive(session).encode();
                    case 3 -> payload = new SessionChange.Expire(random.nextInt(400)).encode();
                    default -> {
                        kind = EntryKind.SESSION_COMMAND;
                        long sequence = random.nextLong(1, 2 + step / 8);
                        long lowest = Math.max(1, sequence - random.nextInt(5));
                        payload =
                                SessionCommandFormat.encode(
                                        new SessionCommand(
                                                session, sequence, lowest, Payload.of(step)));
                    }
                }
                Entry entry = new Entry(1, ++at, kind, millis, payload);
                kept.pass(millis);
                copied.pass(millis);
                Payload one;
                Payload other;
                if (kind == EntryKind.SESSION) {
                    one = kept.change(entry);
                    other = copied.change(entry);
                    SessionAnswer answer = SessionAnswer.decode(one);
                    if (answer.answer().size() == 8) {
                        long nonce = ((SessionChange.Open) SessionChange.decode(payload)).nonce();
                        opened.add(new SessionId(answer.answer().asLong(), nonce));
                    }
                } else {
                    one = kept.apply(entry, command -> command);
                    other = copied.apply(entry, command -> command);
                }
                assertThat(other).as("seed %d, step %d", seed, step).isEqualTo(one);
                assertThat(copied.hash()).as("seed %d, step %d", seed, step).isEqualTo(kept.hash());
                if (random.nextInt(10) == 0) {
                    copied = copyOf(copied);
                }
            }
            assertThat(copyOf(kept).hash()).isEqualTo(kept.hash());
        }
    }

    /**
     * Against the rule itself, in the plainest form: of each session and sequence one try runs at
     * the most, and none that comes after a higher watermark.
     */
    @Test
    void whateverIsRetriedNothingRunsTwice() {
        for (long seed = 1; seed <= 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            ran.clear();
            SessionId session = open(seed, 1_000, 4);
            long lowest = 1;
            for (int step = 0; step < 300; step++) {
                lowest += random.nextInt(2);
                long sequence = Math.max(1, lowest - 3 + random.nextInt(9));
                long claimed = Math.min(sequence, Math.max(1, lowest - random.nextInt(3)));
                command(session, sequence, claimed, "s" + sequence);
            }
            assertThat(ran).as("seed %d", seed).doesNotHaveDuplicates().hasSizeGreaterThan(50);
        }
    }
}
