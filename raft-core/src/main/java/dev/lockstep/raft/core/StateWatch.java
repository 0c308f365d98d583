package dev.lockstep.raft.core;

import dev.lockstep.raft.message.StateVerdict;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.StateHash;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What this replica has made of the log at the latest places of comparison; stops it when a
 * majority has made something else of the same entries. The leader is judged as any other.
 */
final class StateWatch {
    private static final int KEPT = 8;

    private final RaftCore core;
    private final ArrayDeque<StateHash> own = new ArrayDeque<>();

    StateWatch(RaftCore core) {
        this.core = core;
    }

    void hashed(StateHash hash) {
        own.addLast(hash);
        if (own.size() > KEPT) {
            own.removeFirst();
        }
        core.behaviour().onStateHash(hash);
    }

    /**
     * Believes a leader only as far as it can see for itself: a verdict on what this replica
     * doesn't hold any more, or on what another process reported in its name, changes nothing.
     */
    void judged(StateVerdict verdict) {
        StateHash mine = at(verdict.agreed().index());
        StateHash.Part part = verdict.part();
        if (mine != null && part.isIn(mine) && part.of(mine) != part.of(verdict.agreed())) {
            core.halt(fault(part, mine, verdict.agreed()));
        }
    }

    private @Nullable StateHash at(long index) {
        for (StateHash hash : own) {
            if (hash.index() == index) {
                return hash;
            }
        }
        return null;
    }

    private Fault fault(StateHash.Part part, StateHash mine, StateHash agreed) {
        String evidence =
                core.self
                        + " has hashes "
                        + mine
                        + ", a majority of the full voters has "
                        + agreed
                        + ". ";
        return switch (part) {
            case LOG ->
                    new Fault(
                            Fault.Code.LOG_CORRUPT,
                            evidence
                                    + "The entries that were applied here are not those that the majority has, so neither"
                                    + " log nor state of this replica can be trusted; it has stopped, and must not vote"
                                    + " again. Keep its directory as evidence, and start this node with an empty one.");
            case SESSIONS, MACHINE ->
                    new Fault(
                            Fault.Code.STATE_DIVERGED,
                            evidence
                                    + "The logs are the same and the states are not: the state machine depends on more than"
                                    + " its commands, or memory was damaged. This replica has stopped, since its answers"
                                    + " may be wrong; its log is good, but a snapshot that it took since may hold the"
                                    + " difference, and would be restored if it were opened again. Keep its directory as"
                                    + " evidence, start from an empty one, and replace the node by a change of the"
                                    + " membership.");
        };
    }
}
