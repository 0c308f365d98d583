package dev.lockstep.raft.runtime;

import dev.lockstep.raft.core.Effect;
import dev.lockstep.raft.core.Event;
import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What operators ask of a replica and wait for: who leads, another leader, other members. In the
 * host's loop only.
 */
final class Administration {
    private final HostLoop host;
    private final RaftOptions options;
    private final Executor callbacks;
    private final ReplicaId self;
    private final Consumer<Event> core;
    private final Transfers transfers = new Transfers();
    private final Changes changes;
    private final List<CompletableFuture<NodeId>> awaitingLeader = new ArrayList<>();

    /**
     * @param callbacks where the futures complete
     * @param core takes an event
     */
    Administration(
            HostLoop host,
            RaftOptions options,
            Executor callbacks,
            ReplicaId self,
            Consumer<Event> core) {
        this.host = host;
        this.options = options;
        this.callbacks = callbacks;
        this.self = self;
        this.core = core;
        this.changes = new Changes(callbacks);
    }

    // ---- asked ----

    void awaitLeader(CompletableFuture<NodeId> future) {
        awaitingLeader.add(future);
    }

    void transfer(@Nullable NodeId target, Transfers.Waiting waiting) {
        long id = transfers.add(waiting);
        core.accept(new Event.Transfer(id, target));
        // Who has stepped down for a successor learns of it when it leads; it may never.
        after(
                options.electionTimeout().multipliedBy(2),
                () -> transfers.aborted(id, "no successor was seen in time"));
    }

    /**
     * @param stopped why the replica can't be asked any more; null while it can
     */
    void change(
            MembershipChange change,
            CompletableFuture<Configuration> future,
            @Nullable Fault stopped) {
        long id = changes.add(future);
        if (stopped != null) {
            changes.refused(id, "this replica has stopped: " + stopped);
            return;
        }
        core.accept(new Event.ChangeMembership(id, change));
        after(options.proposalTimeout(), () -> changes.unknown(id, "the deadline passed"));
    }

    private void after(Duration patience, Runnable end) {
        long deadlineNanos = host.clock().nanoTime() + patience.toNanos();
        EventLoop.Cancellation unused = host.loop().at(deadlineNanos, end);
    }

    // ---- answered ----

    /**
     * @param role the part of this replica
     * @param leader null while none is known
     */
    void leaderIs(Role role, @Nullable ReplicaId leader) {
        if (leader == null) {
            return;
        }
        NodeId node = leader.node();
        if (role != Role.LEADER) {
            transfers.succeeded(node);
        }
        awaitingLeader.forEach(future -> callbacks.execute(() -> future.complete(node)));
        awaitingLeader.clear();
    }

    void transferAborted(Effect.TransferAborted effect) {
        transfers.aborted(effect.id(), effect.reason());
    }

    void changeDone(Effect.ChangeDone effect) {
        changes.done(effect.id(), new Configuration(effect.index(), effect.membership(), true));
    }

    /**
     * @param leader whom to ask instead; null when nobody else is known to lead
     */
    void changeRefused(Effect.ChangeRefused effect, @Nullable ReplicaId leader) {
        String who = leader == null ? "" : "; " + leader.node() + " does";
        changes.refused(effect.id(), effect.reason() + who);
    }

    void leadershipLost() {
        changes.allUnknown(self + " lost its leadership");
    }

    void endAll(NotDone why) {
        transfers.endAll(why);
        changes.allUnknown(self + " stopped");
        awaitingLeader.forEach(
                future -> callbacks.execute(() -> future.completeExceptionally(why)));
        awaitingLeader.clear();
    }
}
