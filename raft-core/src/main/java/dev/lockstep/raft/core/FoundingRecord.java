package dev.lockstep.raft.core;

import dev.lockstep.raft.message.FoundingState;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.NodeId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What this replica holds of the group's beginning. */
final class FoundingRecord {
    private final List<NodeId> initialNodes;

    /** Not when this node may have been one of the founders already, and lost what it knew. */
    private final boolean mayFound;

    private @Nullable Founding held;

    FoundingRecord(List<NodeId> initialNodes, @Nullable Founding held, boolean mayFound) {
        this.mayFound = mayFound;
        this.initialNodes = initialNodes.stream().sorted().toList();
        this.held = held;
    }

    List<NodeId> initialNodes() {
        return initialNodes;
    }

    boolean mayFound() {
        return mayFound;
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
        // Who names no founders asks only what there is, and is taken for none.
        return new FoundingState(mayFound ? initialNodes : List.of(), held, answer);
    }
}
