package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.AppendRejected;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is read back from the disk, and what may have happened meanwhile. */
class LoadingTest {
    private static final RaftOptions OPTIONS = RaftOptions.defaults();

    /** A log of 20 entries of term 1, on disk only. */
    private final Driven n1 = new Driven(OPTIONS, 1, List.of(new LogPosition(1, 1)), 20);

    private static List<Entry> entries(long term, long from, long to) {
        List<Entry> entries = new ArrayList<>();
        for (long i = from; i <= to; i++) {
            entries.add(new Entry(term, i, EntryKind.COMMAND, 0, Payload.of(term)));
        }
        return entries;
    }

    @Test
    void aLateAcknowledgementWhileEntriesAreReadBackDoesNotStopReplication() {
        n1.lead();
        n1.drain();
        n1.receive(Driven.N2, new AppendRejected(2, 20, new LogPosition(1, 4)));
        assertThat(Driven.only(Effect.Load.class, n1.drain()))
                .containsExactly(new Effect.Load(5, OPTIONS.maxAppendBytes()));
        n1.step(new Event.Loaded(5, entries(1, 5, 9)));
        assertThat(Driven.sent(AppendEntries.class, Driven.N2, n1.drain())).hasSize(1);

        // The follower's disk is slow: the leader begins again, and then the answer comes.
        n1.pass(OPTIONS.electionTimeout().toNanos() / 2);
        n1.receive(Driven.N2, new HeartbeatReply(2, 0));
        assertThat(Driven.only(Effect.Load.class, n1.drain()))
                .contains(new Effect.Load(5, OPTIONS.maxAppendBytes()));
        n1.receive(Driven.N2, new AppendAccepted(2, 9));
        List<Effect> after = new ArrayList<>(n1.drain());
        n1.step(new Event.Loaded(5, entries(1, 5, 9)));
        after.addAll(n1.drain());

        assertThat(Driven.only(Effect.Load.class, after))
                .containsExactly(new Effect.Load(10, OPTIONS.maxAppendBytes()));
        n1.step(new Event.Loaded(10, entries(1, 10, 20)));
        assertThat(Driven.sent(AppendEntries.class, Driven.N2, n1.drain())).isNotEmpty();
    }
}
