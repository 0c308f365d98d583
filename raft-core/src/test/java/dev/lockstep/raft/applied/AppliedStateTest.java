package dev.lockstep.raft.applied;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SessionCommand;
import dev.lockstep.raft.model.SessionId;
import dev.lockstep.raft.model.StateHash;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class AppliedStateTest {
    private static Entry entry(
            long term, long index, EntryKind kind, long millis, Payload payload) {
        return new Entry(term, index, kind, millis, payload);
    }

    private static AppliedState after(Entry... entries) {
        AppliedState state = new AppliedState();
        for (Entry entry : entries) {
            state.apply(entry, command -> command);
        }
        return state;
    }

    private static StateHash hashAfter(Entry... entries) {
        return after(entries).hash(OptionalLong.empty());
    }

    private static final Entry FIRST = entry(1, 1, EntryKind.NO_OP, 5, Payload.EMPTY);
    private static final Entry SECOND = entry(1, 2, EntryKind.COMMAND, 6, Payload.of("a"));

    @Test
    void equalLogsHaveEqualHashes() {
        assertThat(hashAfter(FIRST, SECOND)).isEqualTo(hashAfter(FIRST, SECOND));
    }

    @Test
    void anyDifferenceOfAnEntryChangesTheHashForGood() {
        Entry third = entry(2, 3, EntryKind.NO_OP, 7, Payload.EMPTY);
        long right = hashAfter(FIRST, SECOND, third).log();
        Entry[] wrong = {
            entry(2, 2, EntryKind.COMMAND, 6, Payload.of("a")),
            entry(1, 2, EntryKind.NO_OP, 6, Payload.of("a")),
            entry(1, 2, EntryKind.COMMAND, 7, Payload.of("a")),
            entry(1, 2, EntryKind.COMMAND, 6, Payload.of("b")),
            entry(1, 2, EntryKind.COMMAND, 6, Payload.EMPTY)
        };
        for (Entry other : wrong) {
            assertThat(hashAfter(FIRST, other, third).log()).as("%s", other).isNotEqualTo(right);
        }
        assertThat(hashAfter(FIRST, third).log()).isNotEqualTo(right);
    }

    @Test
    void commandsGoToTheMachineAndOthersDoNot() {
        AppliedState state = new AppliedState();
        assertThat(state.apply(FIRST, command -> Payload.of("ran"))).isNull();
        assertThat(state.apply(SECOND, command -> Payload.of("ran " + command.asString())))
                .isEqualTo(Payload.of("ran a"));
        assertThat(state.index()).isEqualTo(2);
    }

    @Test
    void aSavedStateGoesOnAsTheOneThatWasSaved() {
        AppliedState state = after(FIRST, SECOND);
        Entry open =
                entry(1, 3, EntryKind.SESSION, 9, new SessionChange.Open(77, 10, 10, 10).encode());
        state.apply(open, command -> command);
        SessionCommand once = new SessionCommand(new SessionId(3, 77), 1, 1, Payload.of("x"));
        Payload answer =
                state.apply(
                        entry(
                                1,
                                4,
                                EntryKind.SESSION_COMMAND,
                                9,
                                SessionCommandFormat.encode(once)),
                        command -> Payload.of("the only answer"));

        AppliedState restored = new AppliedState();
        restored.restore(state.save());
        assertThat(restored.save()).isEqualTo(state.save());
        assertThat(restored.index()).isEqualTo(4);
        assertThat(restored.sessions()).isEqualTo(1);
        Entry retry = entry(1, 5, EntryKind.SESSION_COMMAND, 9, SessionCommandFormat.encode(once));
        assertThat(
                        restored.apply(
                                retry,
                                command -> {
                                    throw new AssertionError("ran twice");
                                }))
                .isEqualTo(answer);
        state.apply(retry, command -> command);
        assertThat(restored.hash(OptionalLong.of(3))).isEqualTo(state.hash(OptionalLong.of(3)));
    }

    @Test
    void bytesThatAreNoSavedStateAreRefused() {
        Payload saved = after(FIRST, SECOND).save();
        byte[] longer = new byte[saved.size() + 1];
        System.arraycopy(saved.toByteArray(), 0, longer, 0, saved.size());
        byte[] later = saved.toByteArray();
        later[0] = 9;
        for (Payload wrong :
                new Payload[] {
                    Payload.EMPTY,
                    Payload.wrap(saved.toByteArray(), 0, saved.size() - 1),
                    Payload.wrap(longer),
                    Payload.wrap(later)
                }) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new AppliedState().restore(wrong));
        }
    }

    @Test
    void anEntryIsWantedForAnIdleSessionAndForTheSessionsTimeToGoOn() {
        AppliedState state = after(FIRST);
        assertThat(state.needsExpiry(1_000_000, 1)).as("there is no session").isFalse();
        state.apply(
                entry(1, 2, EntryKind.SESSION, 100, new SessionChange.Open(7, 9, 9, 40).encode()),
                command -> command);
        assertThat(state.needsExpiry(109, 40)).isFalse();
        assertThat(state.needsExpiry(110, 40)).as("a quarter has passed without one").isTrue();
        for (int i = 1; i <= 3; i++) {
            state.apply(
                    entry(1, 2 + i, EntryKind.NO_OP, 100 + 10 * i, Payload.EMPTY),
                    command -> command);
        }
        assertThat(state.needsExpiry(135, 40)).isFalse();
        assertThat(state.needsExpiry(135, 35)).as("unused for so long").isTrue();
        assertThat(state.needsExpiry(0, 30)).as("the leader's clock went back").isTrue();
    }
}
