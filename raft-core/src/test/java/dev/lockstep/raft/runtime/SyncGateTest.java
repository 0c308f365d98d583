package dev.lockstep.raft.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.core.Effect;
import dev.lockstep.raft.core.PersistToken;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SyncGateTest {
    private final SyncGate gate = new SyncGate();

    private static Effect.Send vote(long term) {
        ReplicaId candidate = new ReplicaId(NodeId.of("n2"), new UUID(0, 2));
        return new Effect.Send(candidate, new VoteReply(term, true), true);
    }

    private SyncGate.Pass persist(long term) {
        return gate.persist(new PersistToken(term, LogPosition.ZERO));
    }

    @Test
    void nothingWaitsWhileNothingIsBeingWritten() {
        assertThat(gate.holdsBack(vote(1))).isFalse();
        gate.open(persist(1));
        assertThat(gate.holdsBack(vote(1))).isFalse();
    }

    @Test
    void aPromiseWaitsForTheWriteBeforeIt() {
        SyncGate.Pass write = persist(1);
        assertThat(gate.holdsBack(vote(1))).isTrue();
        assertThat(gate.open(write)).containsExactly(vote(1));
    }

    /** Not for the oldest under way, which doesn't hold what was promised last. */
    @Test
    void aPromiseWaitsForAllWritesBeforeIt() {
        SyncGate.Pass first = persist(1);
        SyncGate.Pass second = persist(2);
        assertThat(gate.holdsBack(vote(2))).isTrue();
        assertThat(gate.open(first)).isEmpty();
        assertThat(gate.open(second)).containsExactly(vote(2));
    }

    @Test
    void ofWhatIsSaidWhileADiskHangsTheLatestIsKept() {
        SyncGate.Pass write = persist(1);
        for (int term = 1; term <= SyncGate.MOST_SENDS + 2; term++) {
            assertThat(gate.holdsBack(vote(term))).isTrue();
        }
        assertThat(gate.open(write))
                .hasSize(SyncGate.MOST_SENDS)
                .startsWith(vote(3))
                .endsWith(vote(SyncGate.MOST_SENDS + 2));
    }

    @Test
    void aPromiseDoesNotWaitForWritesBehindIt() {
        SyncGate.Pass first = persist(1);
        assertThat(gate.holdsBack(vote(1))).isTrue();
        persist(2);
        assertThat(gate.open(first)).containsExactly(vote(1));
    }
}
