package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.RaftOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchingTest {
    private static final RaftOptions OPTIONS =
            CoreProbe.OPTIONS.with().maxInflightMessages(8).maxAppendBytes(1_000).build();

    private static Progress inFlight(int messages) {
        Progress progress = new Progress(id(2), 1, 0);
        progress.accepted(0, 0);
        for (int i = 1; i <= messages; i++) {
            progress.sent(List.of(CoreProbe.entry(1, i)), 0);
        }
        assertThat(progress.inFlightMessages()).isEqualTo(messages);
        return progress;
    }

    @Test
    void theFirstFewAppendsMayBeOfAnySize() {
        for (int messages = 0; messages < Batching.FREE_MESSAGES; messages++) {
            assertThat(Batching.isEnough(1, inFlight(messages), OPTIONS)).isTrue();
        }
    }

    /** With 4 of 8 on their way a fifth of a full append is asked for, then two, and so on. */
    @Test
    void theMoreIsUnansweredTheFullerTheNextMustBe() {
        for (int messages = Batching.FREE_MESSAGES; messages < 8; messages++) {
            int enough = 200 * (messages - Batching.FREE_MESSAGES + 1);
            assertThat(Batching.isEnough(enough, inFlight(messages), OPTIONS)).isTrue();
            assertThat(Batching.isEnough(enough - 1, inFlight(messages), OPTIONS)).isFalse();
        }
    }
}
