package dev.lockstep.raft.node;

import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SessionCommand;
import dev.lockstep.raft.model.Stamped;
import dev.lockstep.raft.runtime.GroupHandle;
import dev.lockstep.raft.runtime.GroupView;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.ReadLevel;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A group that is open on this host. */
final class OpenGroup implements RaftGroup {
    private final GroupHandle handle;
    private final NodeId node;

    OpenGroup(GroupHandle handle, HostIdentity identity) {
        this.handle = handle;
        this.node = identity.node();
    }

    @Override
    public GroupId id() {
        return handle.group();
    }

    @Override
    public CompletableFuture<Payload> propose(Payload command) {
        return handle.propose(command);
    }

    @Override
    public CompletableFuture<RaftSession> openSession() {
        return handle.openSession(OpenSession::new);
    }

    @Override
    public CompletableFuture<Payload> proposeOnce(SessionCommand command) {
        return handle.proposeOnce(command);
    }

    @Override
    public CompletableFuture<Payload> read(Payload question, ReadLevel level) {
        return handle.read(question, level);
    }

    @Override
    public CompletableFuture<Stamped> proposeStamped(Payload command) {
        return handle.proposeStamped(command);
    }

    @Override
    public CompletableFuture<Stamped> readStamped(Payload question, ReadLevel level) {
        return handle.readStamped(question, level);
    }

    @Override
    public GroupStatus status() {
        GroupView view = handle.view();
        GroupView.Part part = view.part();
        ReplicaId leader = part.leader();
        return new GroupStatus(
                node,
                part.role(),
                part.term(),
                leader == null ? null : leader.node(),
                view.lastIndex(),
                view.commitIndex(),
                view.appliedIndex(),
                view.configuration(),
                view.runsOnWitness(),
                view.diskFull(),
                part.fault(),
                view.lastFault(),
                view.snapshotIndex(),
                new GroupStatus.Backlog(
                        view.pendingProposals(),
                        handle.unfinishedBytes(),
                        view.uncommittedBytes(),
                        view.unappliedBytes()));
    }

    @Override
    public CompletableFuture<GroupReport> report() {
        return handle.report(peers -> new GroupReport(status(), peers));
    }

    @Override
    public CompletableFuture<NodeId> awaitLeader() {
        return handle.awaitLeader();
    }

    @Override
    public CompletableFuture<NodeId> transferLeadership(@Nullable NodeId target) {
        return handle.transferLeadership(target);
    }

    @Override
    public CompletableFuture<Long> snapshot() {
        return handle.snapshot();
    }

    @Override
    public CompletableFuture<Configuration> changeMembers(MembershipChange change) {
        return handle.changeMembers(change);
    }

    @Override
    public void close() {
        CompletableFuture<Void> unusedStopped = handle.close();
    }
}
