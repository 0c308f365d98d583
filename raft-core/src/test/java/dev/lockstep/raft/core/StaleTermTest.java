package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.id;
import static dev.lockstep.raft.core.CoreProbe.members;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendRejected;
import dev.lockstep.raft.message.FetchSnapshot;
import dev.lockstep.raft.message.InstallPosition;
import dev.lockstep.raft.message.InstallSnapshot;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.SnapshotMeta;
import org.junit.jupiter.api.Test;

/** A leader of an older term learns from whatever it asks that there is a later one. */
class StaleTermTest {
    @Test
    void anOldLeadersOfferOfASnapshotIsRefusedWithTheLaterTerm() {
        CoreProbe probe = CoreProbe.follower(3, 5);
        probe.receive(2, new InstallSnapshot(4, at(4, 9), 9, id(2)));
        assertThat(probe.sentTo(2, AppendRejected.class))
                .containsExactly(new AppendRejected(5, 9, LogPosition.ZERO));
        assertThat(probe.sent(FetchSnapshot.class)).isEmpty();
        assertThat(probe.core.leader()).isNull();
    }

    @Test
    void anOldLeadersOfferOfAPositionIsRefusedWithTheLaterTerm() {
        CoreProbe probe = CoreProbe.witnessOf(CoreProbe.OPTIONS, 5, CoreProbe.log());
        probe.effects();
        SnapshotMeta meta = new SnapshotMeta(at(4, 9), 0, Membership.ofVoters(members(3)), 0);
        probe.receive(2, new InstallPosition(4, meta));
        assertThat(probe.sentTo(2, AppendRejected.class))
                .containsExactly(new AppendRejected(5, 9, LogPosition.ZERO));
        assertThat(probe.effects(Effect.Snapshots.class)).isEmpty();
    }
}
