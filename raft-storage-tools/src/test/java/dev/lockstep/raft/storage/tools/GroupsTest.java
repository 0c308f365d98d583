package dev.lockstep.raft.storage.tools;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class GroupsTest {
    private static RecoveredReplica replica(boolean byReference) {
        ReplicaId id = new ReplicaId(NodeId.of("n1"), new UUID(1, 2));
        LogPosition position = new LogPosition(1, 7);
        Membership alone = Membership.ofVoters(List.of(id));
        return new RecoveredReplica(
                id,
                null,
                new HardState(1, null),
                new SnapshotMeta(position, 0, alone, 0, byReference),
                position,
                List.of(),
                7,
                0,
                List.of());
    }

    @Test
    void nothingIsMadeOfAReplicaWhoseStateIsElsewhere() {
        GroupId group = GroupId.of("g");
        assertThatCode(() -> Groups.checkFull(group, replica(false))).doesNotThrowAnyException();
        assertThatThrownBy(() -> Groups.checkFull(group, replica(true)))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("holds no state")
                .hasMessageContaining("Nothing was changed");
    }
}
