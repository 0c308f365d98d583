package dev.lockstep.raft.runtime;

import dev.lockstep.raft.applied.SessionChange;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SessionCommand;
import dev.lockstep.raft.model.SessionExpired;
import dev.lockstep.raft.model.SessionId;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of a session (§6.3): numbers its commands, says with each which answers it
 * needs no more, and keeps the session alive while nothing is proposed. Any thread may call it.
 */
public final class SessionHandle {
    /** So often within its timeout the session is used, by a command or just so. */
    private static final int USES_PER_TIMEOUT = 4;

    private final GroupHandle group;
    private final SessionId id;

    /**
     * Sequences of commands that haven't ended. Guarded by {@code this}, as is all that follows.
     */
    private final TreeSet<Long> unanswered = new TreeSet<>();

    private long lastSequence;
    private boolean used = true;
    private @Nullable NotDone over;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private boolean closing;

    private SessionHandle(GroupHandle group, SessionId id) {
        this.group = group;
        this.id = id;
    }

    static <S> CompletableFuture<S> open(GroupHandle group, Function<SessionHandle, S> form) {
        ClientFuture<Payload> asked = new ClientFuture<>((at, index) -> index);
        CompletableFuture<S> opened = new CompletableFuture<>();
        // Ids begin anywhere and count; so do nonces, which need be different in different clients.
        long nonce = group.drawId();
        whenEnded(
                asked,
                (index, why) -> {
                    if (why != null) {
                        opened.completeExceptionally(why);
                    } else {
                        SessionHandle session =
                                new SessionHandle(group, new SessionId(index.asLong(), nonce));
                        session.keepAliveLater();
                        opened.complete(form.apply(session));
                    }
                });
        SessionChange open =
                new SessionChange.Open(
                        nonce,
                        group.options().maxSessions(),
                        group.options().maxSessionAnswers(),
                        group.options().sessionTimeout().toMillis());
        group.proposeInSession(EntryKind.SESSION, open.encode(), group.completionOf(asked));
        return opened;
    }

    private static void whenEnded(
            ClientFuture<Payload> asked, BiConsumer<Payload, @Nullable Throwable> then) {
        CompletableFuture<Payload> unused = asked.future().whenComplete(then);
    }

    public SessionId id() {
        return id;
    }

    public CompletableFuture<Payload> propose(Payload command) {
        ClientFuture<Payload> future = new ClientFuture<>((index, answer) -> answer);
        Completion completion = group.completionOf(future);
        SessionCommand numbered;
        synchronized (this) {
            NotDone refusal = refusal();
            if (refusal != null) {
                return CompletableFuture.failedFuture(refusal);
            }
            long sequence = ++lastSequence;
            unanswered.add(sequence);
            numbered = new SessionCommand(id, sequence, unanswered.first(), command);
        }
        group.proposeOnce(numbered, new Numbered(completion, numbered.sequence()));
        return future.future();
    }

    private @Nullable NotDone refusal() {
        if (over != null) {
            return over;
        }
        int most = group.options().maxSessionAnswers();
        if (!unanswered.isEmpty() && lastSequence + 1 - unanswered.first() >= most) {
            return new NotDone(
                    NotDone.Reason.SESSION_FULL,
                    "session "
                            + id
                            + " waits for the answer to its command "
                            + unanswered.first()
                            + " and has proposed up to "
                            + lastSequence
                            + " since (maxSessionAnswers is "
                            + most
                            + "); nothing was done, try again when that has ended");
        }
        return null;
    }

    /** Ends one command, so that its answer may be forgotten, and then tells. */
    private final class Numbered implements Completion {
        private final Completion next;
        private final long sequence;

        Numbered(Completion next, long sequence) {
            this.next = next;
            this.sequence = sequence;
        }

        @Override
        public void done(long index, Payload result) {
            ended(sequence, true, false);
            next.done(index, result);
        }

        @Override
        public void notDone(NotDone why) {
            ended(sequence, false, why.reason() == NotDone.Reason.SESSION_EXPIRED);
            next.notDone(why);
        }

        @Override
        public void unknown(OutcomeUnknown why) {
            ended(sequence, false, why instanceof SessionExpired);
            next.unknown(why);
        }
    }

    private void ended(long sequence, boolean done, boolean expired) {
        boolean last;
        synchronized (this) {
            used |= done;
            unanswered.remove(sequence);
            if (expired && over == null) {
                over = expired();
            }
            last = closing && unanswered.isEmpty();
        }
        if (last) {
            proposeClose();
        }
    }

    private NotDone expired() {
        return new NotDone(
                NotDone.Reason.SESSION_EXPIRED,
                "session " + id + " has expired; nothing was done. Open another one");
    }

    // ---- keep alive ----

    private void keepAliveLater() {
        group.after(group.options().sessionTimeout().toNanos() / USES_PER_TIMEOUT, this::keepAlive);
    }

    private void keepAlive() {
        boolean idle;
        synchronized (this) {
            if (over != null || group.ended() != null) {
                return;
            }
            idle = !used;
            used = false;
        }
        keepAliveLater();
        if (idle) {
            ClientFuture<Payload> answer = new ClientFuture<>((index, done) -> done);
            whenEnded(answer, (done, why) -> keptAlive(why));
            group.proposeInSession(
                    EntryKind.SESSION,
                    new SessionChange.KeepAlive(id).encode(),
                    group.completionOf(answer));
        }
    }

    /** Anything but the session's end is no news: it is tried again, before the session expires. */
    private synchronized void keptAlive(@Nullable Throwable why) {
        boolean expired =
                why instanceof SessionExpired
                        || why instanceof NotDone notDone
                                && notDone.reason() == NotDone.Reason.SESSION_EXPIRED;
        if (expired && over == null) {
            over = expired();
        }
    }

    // ---- the end ----

    /**
     * Takes no more commands, and ends the session once those under way have ended.
     *
     * @return completes when the session is closed, or has expired; fails when that isn't known
     */
    public CompletableFuture<Void> close() {
        boolean now;
        synchronized (this) {
            if (closing) {
                return closed;
            }
            closing = true;
            over =
                    new NotDone(
                            NotDone.Reason.CLOSED,
                            "session " + id + " was closed by its client; nothing was done");
            now = unanswered.isEmpty();
        }
        if (now) {
            proposeClose();
        }
        return closed;
    }

    private void proposeClose() {
        ClientFuture<Payload> answer = new ClientFuture<>((index, done) -> done);
        whenEnded(
                answer,
                (done, why) -> {
                    if (why == null) {
                        closed.complete(null);
                    } else {
                        closed.completeExceptionally(why);
                    }
                });
        group.proposeInSession(
                EntryKind.SESSION,
                new SessionChange.Close(id).encode(),
                group.completionOf(answer));
    }
}
