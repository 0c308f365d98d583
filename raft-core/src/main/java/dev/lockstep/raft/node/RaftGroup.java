package dev.lockstep.raft.node;

import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SessionCommand;
import dev.lockstep.raft.model.Stamped;
import dev.lockstep.raft.spi.ReadLevel;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One group, seen from the replica on this host. Every method may be called by any thread and
 * returns at once. Every future ends, at the latest at the proposal timeout; a failed one holds
 * {@link NotDone} (nothing happened, trying again is safe) or {@link OutcomeUnknown} (the command
 * may have taken effect). Only the future of {@link #awaitLeader} has no deadline. Answers of the
 * state machine complete on the thread that applies this group's commands, everything else on
 * another thread of the host, unless the host was given an executor: what depends on them must not
 * block there.
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
     * Opens a session, in which a command takes effect once though it is sent again and again.
     *
     * @return fails with {@link NotDone}, reason {@code TOO_MANY_SESSIONS}, when the group has
     *     {@code maxSessions}
     */
    CompletableFuture<RaftSession> openSession();

    /**
     * Replicates a command of a session that may have been opened elsewhere: for clients that
     * number their commands themselves and go on through another host when one fails. The same
     * session and sequence are the same command: whichever of its tries is applied first takes
     * effect, the others get its answer.
     *
     * @return the state machine's answer, to this try or an earlier one. {@link NotDone} speaks of
     *     this call alone; with reason {@code SESSION_EXPIRED} the session has ended, so this call
     *     did nothing, but an earlier one may have
     */
    CompletableFuture<Payload> proposeOnce(SessionCommand command);

    /**
     * Asks this replica's state machine, without writing to the log.
     *
     * @return its answer; fails with {@link NotDone} only
     */
    CompletableFuture<Payload> read(Payload question, ReadLevel level);

    /**
     * As {@link #propose}, and tells the command's place in the log, for a later read at least
     * there.
     */
    CompletableFuture<Stamped> proposeStamped(Payload command);

    /** As {@link #read}, and tells how far in the log the answer reaches. */
    CompletableFuture<Stamped> readStamped(Payload question, ReadLevel level);

    /**
     * What this replica knew at the end of the last batch that touched it. Costs no more than to
     * read some fields, and waits for nothing.
     */
    GroupStatus status();

    /**
     * What this replica knows now, and, if it leads, how far each other one is. That belongs to the
     * host's event loop and would cost too much to be published after each batch of thousands of
     * groups, so it is put together when it is asked for, there. So this takes a turn of the loop,
     * and {@link #status} doesn't.
     *
     * @return fails with {@link NotDone} when the replica is closed or couldn't be opened; until it
     *     is open it waits
     */
    CompletableFuture<GroupReport> report();

    /** Completes with the leader once this replica knows one; at once when it does already. */
    CompletableFuture<NodeId> awaitLeader();

    /**
     * Hands leadership over from this replica to another voter. Meanwhile proposals wait; a voter
     * that doesn't take over within an election timeout leaves everything as it was.
     *
     * @param target the voter; null for the one that holds most of the log
     * @return completes with the next leader; fails with {@link NotDone} when this replica doesn't
     *     lead, the target isn't a voter that was heard lately, or it took over too slowly
     */
    CompletableFuture<NodeId> transferLeadership(@Nullable NodeId target);

    /** Who belongs to the group, as far as this replica's log says; null until it is founded. */
    default @Nullable Configuration members() {
        return status().configuration();
    }

    /**
     * Changes who belongs to the group (dissertation chapter 4): all steps of the change, or none.
     * A node that joins needs its host up, with this group open, and every host must know its
     * address from its peers. A learner that was added as a voter becomes one by itself when it has
     * caught up; {@link dev.lockstep.raft.spi.RaftListener#configurationChanged} tells.
     *
     * @return completes with the configuration that the change led to, once that is committed;
     *     fails with {@link NotDone} when the change was refused, which the message gives the
     *     reason of: this replica doesn't lead, another change is under way, the change is unsafe
     *     or changes nothing, or the configuration isn't the expected one; fails with {@link
     *     OutcomeUnknown} when the change was begun and its end isn't known
     */
    CompletableFuture<Configuration> changeMembers(MembershipChange change);

    /**
     * Takes a snapshot of this replica's state and cuts its log, as happens by itself after {@code
     * snapshotBytes} of log. On this replica only.
     *
     * @return completes, once it is durable, with the index up to which it holds everything: what
     *     was applied here by now, or more; fails with {@link NotDone}. It has no deadline
     */
    CompletableFuture<Long> snapshot();

    /**
     * Stops this replica, which hands leadership over first if it leads. Returns at once. What it
     * has promised stays durable; what waits here ends as not done or unknown.
     */
    @Override
    void close();
}
