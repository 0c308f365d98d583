package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.AppendRejected;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What reaches the state machine is what was committed. */
class OverwrittenLoadTest {
    private static List<Entry> entries(long term, long from, long to) {
        List<Entry> entries = new ArrayList<>();
        for (long i = from; i <= to; i++) {
            entries.add(new Entry(term, i, EntryKind.COMMAND, 0, Payload.of(term)));
        }
        return entries;
    }

    @Test
    void whatAFormerLeaderHadReadForAFollowerIsNeverAppliedForWhatCommittedInItsPlace() {
        RaftOptions small = RaftOptions.defaults().with().cacheBytes(0).maxApplyingBytes(1).build();
        Driven old = new Driven(small, 1, List.of(new LogPosition(1, 1)), 2);
        old.lead();
        old.drain();
        old.receive(Driven.N2, new AppendRejected(2, 2, new LogPosition(1, 1)));
        assertThat(Driven.only(Effect.Load.class, old.drain())).hasSize(1); // from 2, and slow

        // The next leader overwrites all of it and commits; the state machine takes one at a time.
        old.receive(Driven.N3, new AppendEntries(3, LogPosition.ZERO, entries(3, 1, 2), 2));
        List<Effect> after = new ArrayList<>(old.drain());
        old.step(new Event.Applied(1));
        after.addAll(old.drain());
        assertThat(Driven.only(Effect.Load.class, after)).containsExactly(new Effect.Load(2, 1));
        old.step(new Event.Loaded(2, entries(1, 2, 2)));
        after.addAll(old.drain());
        old.step(new Event.Loaded(2, entries(3, 2, 2)));
        after.addAll(old.drain());

        assertThat(
                        Driven.only(Effect.Apply.class, after).stream()
                                .flatMap(apply -> apply.entries().stream()))
                .containsExactlyElementsOf(entries(3, 1, 2));
    }
}
