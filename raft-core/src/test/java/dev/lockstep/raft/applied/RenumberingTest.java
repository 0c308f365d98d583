package dev.lockstep.raft.applied;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SessionCommand;
import dev.lockstep.raft.model.SessionId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RenumberingTest {
    private static final long TIMEOUT = 1_000_000;

    private static Entry entry(long index, EntryKind kind, Payload payload) {
        return new Entry(2, index, kind, index, payload);
    }

    private static Payload open(long nonce) {
        return new SessionChange.Open(nonce, 10, 10, TIMEOUT).encode();
    }

    private static Payload command(SessionId session, long sequence, String text) {
        return SessionCommandFormat.encode(
                new SessionCommand(session, sequence, 1, Payload.of(text)));
    }

    private static List<String> run(AppliedState state, List<Entry> entries) {
        List<String> ran = new ArrayList<>();
        for (Entry entry : entries) {
            Payload unused =
                    state.apply(
                            entry,
                            command -> {
                                ran.add(command.asString());
                                return command;
                            });
        }
        return ran;
    }

    @Test
    void whatRanBeforeTheMoveRunsAfterItAndOnceOnly() {
        SessionId early = new SessionId(1, 7);
        SessionId late = new SessionId(4, 8);
        List<Entry> before =
                List.of(
                        entry(1, EntryKind.SESSION, open(7)),
                        entry(2, EntryKind.SESSION_COMMAND, command(early, 1, "a")));
        List<Entry> behind =
                List.of(
                        entry(3, EntryKind.COMMAND, Payload.of("b")),
                        entry(4, EntryKind.SESSION, open(8)),
                        entry(5, EntryKind.SESSION_COMMAND, command(late, 1, "c")),
                        entry(6, EntryKind.SESSION_COMMAND, command(early, 1, "a")),
                        entry(7, EntryKind.SESSION_COMMAND, command(early, 2, "d")),
                        entry(8, EntryKind.SESSION, new SessionChange.Close(early).encode()),
                        entry(9, EntryKind.SESSION, new SessionChange.KeepAlive(late).encode()),
                        entry(10, EntryKind.SESSION_COMMAND, command(late, 1, "c")),
                        entry(11, EntryKind.SESSION_COMMAND, Payload.of("no command")));
        AppliedState straight = new AppliedState();
        run(straight, before);
        Payload snapshot = straight.save();
        List<String> ran = run(straight, behind);
        assertThat(ran).containsExactly("b", "c", "d");

        Renumbering renumbering = new Renumbering(new LogPosition(2, 2), 100, 1_000_000);
        AppliedState moved = new AppliedState();
        moved.restore(snapshot);
        List<Entry> renumbered = behind.stream().map(renumbering::move).toList();

        assertThat(run(moved, renumbered)).isEqualTo(ran);
        assertThat(moved.sessions()).isEqualTo(1);
        assertThat(renumbered.get(0).position()).isEqualTo(new LogPosition(102, 1_000_003));
        assertThat(renumbered.get(8).payload()).isEqualTo(Payload.of("no command"));
    }

    @Test
    void positionsNeverGoBackNorBeyondTheLast() {
        assertThatThrownBy(() -> new Renumbering(LogPosition.ZERO, -1, 0))
                .isInstanceOf(IllegalArgumentException.class);
        Renumbering far = new Renumbering(LogPosition.ZERO, 0, Long.MAX_VALUE);
        assertThatThrownBy(() -> far.move(new LogPosition(1, 1)))
                .isInstanceOf(ArithmeticException.class);
    }
}
