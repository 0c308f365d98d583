package dev.lockstep.raft.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class UnfinishedTest {
    private final Unfinished unfinished = new Unfinished();

    private static Proposal proposal(long id) {
        return new Proposal(
                id,
                Payload.EMPTY,
                new Completion() {
                    @Override
                    public void done(long index, Payload result) {}

                    @Override
                    public void notDone(NotDone why) {}

                    @Override
                    public void unknown(OutcomeUnknown why) {}
                },
                0);
    }

    @Test
    void removesEachOnce() {
        Proposal only = proposal(1);
        unfinished.add(only);
        assertThat(unfinished.remove(only)).isTrue();
        assertThat(unfinished.remove(only)).isFalse();
        assertThat(only.finished).isTrue();
        assertThat(unfinished.oldest()).isNull();
    }

    @Test
    void whatWasNeverAddedIsMarkedAndNothingElse() {
        Proposal inside = proposal(1);
        Proposal outside = proposal(2);
        unfinished.add(inside);
        assertThat(unfinished.remove(outside)).isFalse();
        assertThat(outside.finished).isTrue();
        assertThat(unfinished.oldest()).isSameAs(inside);
    }

    @Test
    void isAListUnderRandomAddsAndRemoves() {
        for (long seed = 1; seed <= 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Unfinished tested = new Unfinished();
            List<Proposal> model = new ArrayList<>();
            for (int step = 0; step < 100; step++) {
                if (model.isEmpty() || random.nextInt(5) < 3) {
                    Proposal added = proposal(step);
                    tested.add(added);
                    model.add(added);
                } else {
                    Proposal removed = model.remove(random.nextInt(model.size()));
                    assertThat(tested.remove(removed)).as("seed %s", seed).isTrue();
                }
                assertThat(tested.oldest())
                        .as("oldest, seed %s", seed)
                        .isSameAs(model.isEmpty() ? null : model.get(0));
            }
            while (!model.isEmpty()) {
                assertThat(tested.oldest()).as("seed %s", seed).isSameAs(model.get(0));
                tested.remove(model.remove(0));
            }
            assertThat(tested.oldest()).isNull();
        }
    }
}
