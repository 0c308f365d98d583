package dev.lockstep.raft.node;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.ReadLevel;
import java.util.concurrent.CompletableFuture;

/**
 * One group, seen from the replica on this host. Every method may be called by any thread and
 * returns at once. Every future ends, at the latest at the proposal timeout; a failed one holds
 * {@link NotDone} (nothing happened, trying again is safe) or {@link OutcomeUnknown} (the command
 * may have taken effect). Futures complete on the thread that applies this group's commands, unless
 * the host was given an executor: what depends on them must not block there.
 */
public interface RaftGroup extends AutoCloseable {
    GroupId id();

    /**
     * Replicates a command. On a follower it is forwarded to the leader; without a leader it waits
     * for one.
     *
     * @param command at most {@code maxPayloadBytes}
     * @return the state machine's answer, once the command is durable on a majority and applied
     */
    CompletableFuture<Payload> propose(Payload command);

    /**
     * Asks this replica's state machine, without writing to the log.
     *
     * @return its answer; fails with {@link NotDone} only
     */
    CompletableFuture<Payload> read(Payload question, ReadLevel level);

    /** What this replica knows right now. */
    GroupStatus status();

    /** Completes with the leader once this replica knows one; at once when it does already. */
    CompletableFuture<NodeId> awaitLeader();

    /**
     * Stops this replica. What it has promised stays durable; what waits here ends as not done or
     * unknown.
     */
    @Override
    void close();
}
