package dev.lockstep.raft.message;

import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.NodeId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the sender knows of the group's beginning. Initial voters repeat it to each other until each
 * knows that all hold the same list; later it tells a stranger what it isn't a member of.
 *
 * @param initialNodes the nodes that the sender was configured to found the group with, sorted
 * @param founding what the sender durably holds; null while it holds none
 * @param answer whether this answers a message of the receiver's, so needs no answer
 */
public record FoundingState(List<NodeId> initialNodes, @Nullable Founding founding, boolean answer)
        implements Message {
    public FoundingState {
        initialNodes = initialNodes.stream().sorted().toList();
    }

    @Override
    public long term() {
        return 0;
    }
}
