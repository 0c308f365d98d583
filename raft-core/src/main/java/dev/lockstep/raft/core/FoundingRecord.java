package dev.lockstep.raft.core;

import dev.lockstep.raft.message.FoundingState;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.NodeId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What this replica holds of the group's beginning. */
final class FoundingRecord {
    private final List<NodeId> initialNodes;
    private @Nullable Founding held;

    FoundingRecord(List<NodeId> initialNodes, @Nullable Founding held) {
        this.initialNodes = initialNodes.stream().sorted().toList();
        this.held = held;
    }

    List<NodeId> initialNodes() {
        return initialNodes;
    }

    @Nullable Founding held() {
        return held;
    }

    void hold(Founding founding) {
        held = founding;
    }

    void complete() {
        if (held != null) {
            held = held.completed();
        }
    }

    boolean isComplete() {
        return held != null && held.complete();
    }

    /** Whether this replica and another hold the same founding. */
    boolean agreesWith(@Nullable Founding theirs) {
        return held != null && theirs != null && held.sameAs(theirs);
    }

    FoundingState state(boolean answer) {
        return new FoundingState(initialNodes, held, answer);
    }
}
