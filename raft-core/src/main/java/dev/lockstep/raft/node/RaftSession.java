package dev.lockstep.raft.node;

import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SessionExpired;
import dev.lockstep.raft.model.SessionId;
import java.util.concurrent.CompletableFuture;

/**
 * A client's session with a group (§6.3), in which a command takes effect once, however often it
 * has to be sent. Any thread may call it; every method returns at once.
 *
 * <p>While it is open it is kept alive, as long as this host is connected to the group. It expires
 * when nothing of it reached the group for {@code sessionTimeout}, by the timestamps of the log;
 * then every command fails, and another session must be opened. Close it when done, since the group
 * has room for {@code maxSessions}.
 */
public interface RaftSession extends AutoCloseable {
    /** For a client that goes on in this session by {@link RaftGroup#proposeOnce}. */
    SessionId id();

    /**
     * Replicates a command, which takes effect once. It is sent again by itself, to this leader and
     * the next ones, until it is answered or the proposal timeout has passed. Commands that are
     * under way together take effect in any order.
     *
     * @param command at most {@code maxPayloadBytes}
     * @return the state machine's answer. Fails with {@link NotDone} when the command surely did
     *     not and will not take effect; when {@code maxSessionAnswers} commands were proposed since
     *     the oldest unanswered one its reason is {@code SESSION_FULL}. Fails with {@link
     *     OutcomeUnknown} when the deadline has passed and the command may have taken effect, or
     *     still may, until a later command of this session is answered; with {@link
     *     SessionExpired}, a kind of it, when the session has ended and an earlier try may have
     *     run. What is proposed after a failure is another command
     */
    CompletableFuture<Payload> propose(Payload command);

    /** Takes no more commands, and ends the session once those under way have ended. */
    @Override
    void close();
}
