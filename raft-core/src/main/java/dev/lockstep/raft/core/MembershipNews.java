package dev.lockstep.raft.core;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.ReplicaId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tells the host which configuration is at the log's end, whether it is committed, and whether this
 * replica is only what is left of a member that the configuration names, or can't read all of its
 * log.
 */
final class MembershipNews {
    private final RaftCore core;

    /** Why this replica isn't the one that this host had before; null when it is the first. */
    private final @Nullable Fault beganAnew;

    private long told;
    private boolean toldCommitted;

    /**
     * Why this replica is no member though its node is; null when it is one, or isn't meant to be.
     */
    private @Nullable Fault stranger;

    /** The warning that stands. */
    private @Nullable Fault warned;

    MembershipNews(RaftCore core, @Nullable Fault beganAnew) {
        this.core = core;
        this.beganAnew = beganAnew;
    }

    /** Adds an effect if there is news since the last call. */
    void tell() {
        if (!core.configurations.isEmpty()) {
            tellConfiguration();
        } else if (beganAnew != null) {
            stranger = beganAnew;
        }
        Fault now = stranger != null ? stranger : core.repair.fault();
        if (!Objects.equals(now, warned)) {
            warned = now;
            core.outbox.add(new Effect.Warned(now));
        }
    }

    private void tellConfiguration() {
        Configurations.At current = core.configurations.current();
        boolean committed = current.index() <= core.commits.committed();
        if (core.configurations.changes() != told || committed != toldCommitted) {
            told = core.configurations.changes();
            toldCommitted = committed;
            core.outbox.add(
                    new Effect.ConfigurationChanged(
                            current.index(), current.membership(), committed));
            judge(current.membership().on(core.self.node()));
        }
    }

    private void judge(@Nullable ReplicaId named) {
        stranger = null;
        if (named != null && !named.equals(core.self) && !core.membership().contains(core.self)) {
            stranger = beganAnew == null ? amnesia(named) : beganAnew;
        }
    }

    /** The group names another incarnation of this node. */
    void warn(ReplicaId named) {
        stranger = amnesia(named);
    }

    private Fault amnesia(ReplicaId named) {
        return new Fault(
                Fault.Code.AMNESIA,
                "the group knows node "
                        + core.self.node()
                        + " as "
                        + named
                        + ", but this directory is another, "
                        + core.self
                        + ". The votes and entries of that member aren't here, so this replica isn't that member: it has"
                        + " no vote and counts for nothing. If the member's own directory still exists, start from"
                        + " it. Else replace the node by a change of the membership, which needs a majority of the"
                        + " other members; it becomes a voter again once it has caught up. Where the group was never"
                        + " founded completely, empty the directories of all founders and start again.");
    }
}
