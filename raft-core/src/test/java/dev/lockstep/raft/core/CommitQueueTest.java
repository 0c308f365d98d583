package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.entry;
import static dev.lockstep.raft.core.CoreProbe.logFrom;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.RaftOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The way from committed to applied, in a replica whose log comes from disk. */
class CommitQueueTest {
    private static final int ENTRY_BYTES = entry(1, 1).weightBytes();

    private static RaftOptions applying(int entries) {
        return CoreProbe.OPTIONS.with().maxApplyingBytes(entries * ENTRY_BYTES).build();
    }

    private static CoreProbe restarted(RaftOptions options, int entries) {
        long[] terms = new long[entries];
        Arrays.fill(terms, 1);
        return CoreProbe.follower(options, 3, new HardState(2, null), terms);
    }

    private static void answer(CoreProbe probe, Effect.Load load) {
        probe.event(new Event.Loaded(load.from(), probe.disk().read(load.from(), load.maxBytes())));
    }

    @Test
    void aCommitFarAheadOfAppliedIsPagedWithoutAGap() {
        CoreProbe probe = restarted(applying(7), 100);
        probe.append(2, 2, at(1, 100), List.of(), 100);
        List<Long> applied = new ArrayList<>();
        int pages = 0;
        while (applied.size() < 100) {
            List<Effect.Load> loads = probe.effects(Effect.Load.class);
            assertThat(loads).hasSize(1);
            assertThat(loads.get(0).from()).isEqualTo(applied.size() + 1L);
            answer(probe, loads.get(0));
            List<Effect.Apply> page = probe.effects(Effect.Apply.class);
            assertThat(page).hasSize(1);
            assertThat(page.get(0).entries()).hasSizeLessThanOrEqualTo(7);
            page.get(0).entries().forEach(e -> applied.add(e.index()));
            probe.event(new Event.Applied(applied.size()));
            pages++;
        }
        assertThat(pages).isGreaterThan(10);
        for (int i = 0; i < 100; i++) {
            assertThat(applied.get(i)).isEqualTo(i + 1L);
        }
    }

    @Test
    void handsOutNoMoreThanTheBoundUntilItIsApplied() {
        CoreProbe probe = CoreProbe.follower(applying(3), 3, new HardState(2, null));
        probe.append(2, 2, at(0, 0), logFrom(1, 2, 2, 2, 2, 2, 2, 2), 7);
        assertThat(probe.applied()).containsExactly(1L, 2L, 3L);
        probe.event(new Event.Applied(1));
        assertThat(probe.applied()).as("the batch isn't done").isEmpty();
        probe.event(new Event.Applied(3));
        assertThat(probe.applied()).containsExactly(4L, 5L, 6L);
        probe.event(new Event.Applied(6));
        assertThat(probe.applied()).containsExactly(7L);
    }

    @Test
    void whatIsUnansweredTakesItsRoomFromTheNextBatch() {
        CoreProbe probe = CoreProbe.follower(applying(3), 3, new HardState(2, null));
        probe.append(2, 2, at(0, 0), logFrom(1, 2, 2, 2, 2, 2, 2, 2), 2);
        assertThat(probe.applied()).containsExactly(1L, 2L);
        probe.receive(2, new Heartbeat(2, 7, 0));
        assertThat(probe.applied()).containsExactly(3L);
    }

    @Test
    void aLaterPageIsNotAppliedBeyondTheCommitIndexEither() {
        CoreProbe probe = restarted(applying(2), 10);
        probe.append(2, 2, at(1, 4), List.of(), 4);
        probe.event(new Event.Loaded(1, logFrom(1, 1, 1)));
        assertThat(probe.applied()).containsExactly(1L, 2L);
        probe.event(new Event.Applied(2));
        probe.event(new Event.Loaded(3, logFrom(3, 1, 1, 1, 1, 1)));
        assertThat(probe.applied()).containsExactly(3L, 4L);
    }

    @Test
    void anEntryLargerThanTheBoundGoesAlone() {
        RaftOptions tiny = CoreProbe.OPTIONS.with().maxApplyingBytes(1).build();
        CoreProbe probe = CoreProbe.follower(tiny, 3, new HardState(2, null));
        probe.append(2, 2, at(0, 0), logFrom(1, 2, 2), 2);
        assertThat(probe.applied()).containsExactly(1L);
        probe.event(new Event.Applied(1));
        assertThat(probe.applied()).containsExactly(2L);
    }

    @Test
    void whatWasReadBeyondTheCommitIndexIsNotApplied() {
        CoreProbe probe = restarted(CoreProbe.OPTIONS, 10);
        probe.append(2, 2, at(1, 4), List.of(), 4);
        answer(probe, probe.effects(Effect.Load.class).get(0));
        assertThat(probe.applied()).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void aPageReadBeforeATruncationBringsNothingOfWhatWasDropped() {
        CoreProbe probe = restarted(CoreProbe.OPTIONS, 10);
        probe.append(2, 2, at(1, 4), List.of(), 4);
        Effect.Load load = probe.effects(Effect.Load.class).get(0);
        List<Entry> page = probe.disk().read(load.from(), load.maxBytes());
        assertThat(page).as("read with its uncommitted tail").hasSize(10);

        probe.append(2, 2, at(1, 4), logFrom(5, 2, 2, 2), 7); // replaces 5..10
        probe.event(new Event.Loaded(load.from(), page));
        List<Entry> applied = new ArrayList<>();
        probe.effects(Effect.Apply.class).forEach(apply -> applied.addAll(apply.entries()));
        assertThat(applied).hasSize(7);
        assertThat(applied.subList(4, 7)).isEqualTo(logFrom(5, 2, 2, 2));
    }

    @Test
    void aPageThatNobodyWaitsForIsIgnored() {
        CoreProbe probe = restarted(CoreProbe.OPTIONS, 10);
        probe.event(new Event.Loaded(1, logFrom(1, 1, 1, 1)));
        assertThat(probe.applied()).isEmpty();
        probe.append(2, 2, at(1, 4), List.of(), 4);
        probe.event(new Event.Loaded(3, logFrom(3, 1, 1)));
        assertThat(probe.applied()).isEmpty();
    }

    @Test
    void asksForOnePageAtATime() {
        CoreProbe probe = restarted(CoreProbe.OPTIONS, 10);
        probe.append(2, 2, at(1, 4), List.of(), 4);
        assertThat(probe.effects(Effect.Load.class)).hasSize(1);
        probe.append(2, 2, at(1, 6), List.of(), 6);
        probe.receive(2, new Heartbeat(2, 6, 0));
        assertThat(probe.effects(Effect.Load.class)).isEmpty();
    }

    @Test
    void evictsOnlyWhatIsAppliedAndDurable() {
        RaftOptions noCache = CoreProbe.OPTIONS.with().cacheBytes(0).build();
        CoreProbe probe = CoreProbe.follower(noCache, 3, new HardState(2, null));
        probe.append(2, 2, at(0, 0), logFrom(1, 2, 2, 2), 3);
        probe.event(new Event.Applied(3));
        assertThat(probe.core.log.caches(1)).as("applied, not durable").isTrue();
        probe.sync();
        assertThat(probe.core.log.caches(3)).isFalse();
        probe.append(2, 2, at(2, 3), logFrom(4, 2), 3);
        probe.sync();
        assertThat(probe.core.log.caches(4)).as("durable, not applied").isTrue();
    }
}
