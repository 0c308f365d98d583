package dev.lockstep.raft.harness;

import dev.lockstep.raft.harness.process.ServerNode;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class WipedNodeIT {
    @RegisterExtension private final ClusterExtension extension = new ClusterExtension();

    @Test
    void aNodeThatLostItsDirectoryIsNoVoterAnyMoreAndIsReplaced() throws Exception {
        HarmedNode node = new HarmedNode(extension.cluster());
        node.comesBackAsAStrangerAndIsReplaced(ServerNode::wipe, "AMNESIA", node.victim().name());
    }
}
