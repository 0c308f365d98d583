package dev.lockstep.raft.runtime;

import dev.lockstep.raft.core.Effect;
import dev.lockstep.raft.message.ProposalReply;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Overloaded;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The proposals of one replica from {@code propose} to their end. Used in the host's loop only.
 * Each is in one place:
 *
 * <pre>
 *   waiting ----> offered to the core ----> admitted (this replica leads) ----> applying ----> done
 *      ^                 |    |
 *      |   no leader     |    +-----------> forwarded to the leader ----> done, not done, unknown
 *      +-----------------+
 * </pre>
 *
 * Until a proposal may have left this host or stands in its log, its deadline means surely not
 * done; after that it means unknown, and so does the end of the leadership under which it was
 * admitted or forwarded.
 */
final class Proposals {
    private final Duration retryHint;
    private final AtomicLong pendingBytes;
    private final LongSupplier ids;
    private final ArrayDeque<Proposal> waiting = new ArrayDeque<>();
    private final ArrayDeque<Proposal> offered = new ArrayDeque<>();
    private final ArrayDeque<Admitted> admitted = new ArrayDeque<>();
    private final Map<Long, Forwarded> forwarded = new HashMap<>();
    private final Unfinished unfinished = new Unfinished();

    private record Admitted(LogPosition at, Proposal proposal) {}

    private record Forwarded(ReplicaId leader, Proposal proposal) {}

    /**
     * @param pendingBytes where the weight of each local proposal was added, and is taken off at
     *     its end
     * @param ids draws a number for another attempt
     */
    Proposals(Duration retryHint, AtomicLong pendingBytes, LongSupplier ids) {
        this.retryHint = retryHint;
        this.ids = ids;
        this.pendingBytes = pendingBytes;
    }

    /** Takes a proposal of this host; it waits to be offered. */
    void add(Proposal proposal) {
        unfinished.add(proposal);
        waiting.addLast(proposal);
    }

    /** Hands every waiting proposal to the core; the effects that answer come in the same order. */
    void offerAll(Consumer<Proposal> core) {
        for (Proposal proposal = waiting.pollFirst();
                proposal != null;
                proposal = waiting.pollFirst()) {
            if (!proposal.finished) {
                offered.addLast(proposal);
                core.accept(proposal);
            }
        }
    }

    boolean isWaiting() {
        return !waiting.isEmpty();
    }

    void admitted(LogPosition at) {
        Proposal proposal = offered.removeFirst();
        proposal.exposed = true;
        admitted.addLast(new Admitted(at, proposal));
    }

    /** A proposal of another replica: it has its deadline there. */
    void admittedFor(Completion completion, LogPosition at) {
        admitted.addLast(
                new Admitted(at, new Proposal(0, Payload.EMPTY, completion, Long.MAX_VALUE)));
    }

    void refused(Effect.Refused.Reason reason) {
        Proposal proposal = offered.removeFirst();
        switch (reason) {
            case NO_LEADER -> waiting.addLast(proposal);
            case OVERLOADED -> finish(proposal, overloaded());
        }
    }

    Overloaded overloaded() {
        return new Overloaded(
                "the leader has too much that isn't committed yet; nothing was done, try again after "
                        + retryHint,
                retryHint);
    }

    /** The next offered proposal left for the leader, or, if it couldn't be sent, surely didn't. */
    void forwarded(ReplicaId leader, boolean sent) {
        Proposal proposal = offered.removeFirst();
        if (sent) {
            proposal.exposed = true;
            forwarded.put(proposal.id, new Forwarded(leader, proposal));
        } else {
            waiting.addLast(proposal);
        }
    }

    /**
     * The leader's answer to a forwarded proposal; ignored when it comes from elsewhere or too
     * late.
     */
    void replied(ReplicaId from, ProposalReply reply, Consumer<Runnable> applyLoop) {
        Forwarded answered = forwarded.get(reply.id());
        if (answered == null || !answered.leader().equals(from)) {
            return;
        }
        forwarded.remove(reply.id());
        Proposal proposal = answered.proposal();
        switch (reply.outcome()) {
            case DONE -> {
                end(proposal);
                applyLoop.accept(() -> proposal.completion.done(reply.index(), reply.result()));
            }
            case NOT_LEADER -> {
                // It was sent once, and that one says that it appended nothing. The same answer
                // may come again, when it was sent again and appended.
                proposal.exposed = false;
                proposal.id = ids.getAsLong();
                waiting.addLast(proposal);
            }
            case OVERLOADED -> finish(proposal, overloaded());
            case NOT_DONE ->
                    finish(
                            proposal,
                            new NotDone(NotDone.Reason.REFUSED, reply.result().asString()));
            case UNKNOWN -> finish(proposal, new OutcomeUnknown(reply.result().asString()));
        }
    }

    /**
     * Who proposed these committed entries here, each by its place; null where nobody did. A place
     * may be another's by now: one message can depose a leader and bring what was committed instead
     * of its own entries.
     */
    @Nullable Proposal[] takeFor(List<Entry> entries) {
        @Nullable Proposal[] found = new Proposal[entries.size()];
        for (int i = 0; i < found.length && !admitted.isEmpty(); i++) {
            Entry entry = entries.get(i);
            if (admitted.peekFirst().at().index() == entry.index()) {
                Admitted next = admitted.removeFirst();
                if (next.at().term() == entry.term()) {
                    found[i] = next.proposal();
                } else {
                    finish(
                            next.proposal(),
                            new NotDone(
                                    NotDone.Reason.OVERWRITTEN,
                                    "the command was appended at "
                                            + next.at()
                                            + ", and the next leader committed another in its place; nothing was done"));
                }
            }
        }
        return found;
    }

    /** The state machine has answered these; nothing waits for them any more. */
    void finished(@Nullable Proposal[] applied) {
        for (Proposal proposal : applied) {
            if (proposal != null) {
                end(proposal);
            }
        }
    }

    /**
     * This replica doesn't lead any more: what it had admitted beyond the commit index may or may
     * not commit.
     */
    void leadershipLost(long commitIndex) {
        while (!admitted.isEmpty() && admitted.peekLast().at().index() > commitIndex) {
            Admitted lost = admitted.removeLast();
            finish(lost.proposal(), leadershipEnded(lost.at()));
        }
    }

    private static OutcomeUnknown leadershipEnded(LogPosition at) {
        return new OutcomeUnknown(
                "the leadership under which the command was appended at "
                        + at
                        + " ended before it was known to be committed; it may still take effect");
    }

    /** Another leader, or none: nobody will answer for what the former one was sent. */
    void leaderChanged(@Nullable ReplicaId leader) {
        forwarded
                .values()
                .removeIf(
                        sent -> {
                            if (sent.leader().equals(leader)) {
                                return false;
                            }
                            finish(
                                    sent.proposal(),
                                    new OutcomeUnknown(
                                            "the command was sent to "
                                                    + sent.leader()
                                                    + ", which is no longer known to lead; it may still take effect"));
                            return true;
                        });
    }

    /** When the next deadline passes. */
    long deadlineNanos() {
        Proposal oldest = unfinished.oldest();
        return oldest == null ? Long.MAX_VALUE : oldest.deadlineNanos;
    }

    void expire(long nowNanos) {
        Proposal oldest = unfinished.oldest();
        while (oldest != null && oldest.deadlineNanos <= nowNanos) {
            if (oldest.exposed) {
                forwarded.remove(oldest.id);
                finish(
                        oldest,
                        new OutcomeUnknown(
                                "no result before the deadline; the command may still take effect"));
            } else {
                finish(
                        oldest,
                        new NotDone(
                                NotDone.Reason.NO_LEADER,
                                "no leader could be reached before the deadline; nothing was done"));
            }
            oldest = unfinished.oldest();
        }
        waiting.removeIf(proposal -> proposal.finished);
    }

    /** Ends everything: the replica has stopped. */
    void endAll(NotDone ifNotExposed) {
        leadershipLost(-1);
        forwarded.clear();
        waiting.clear();
        offered.forEach(proposal -> proposal.exposed = true); // a core that broke may have taken it
        offered.clear();
        for (Proposal oldest = unfinished.oldest(); oldest != null; oldest = unfinished.oldest()) {
            if (oldest.exposed) {
                finish(
                        oldest,
                        new OutcomeUnknown(
                                "this replica stopped before the outcome was known: "
                                        + ifNotExposed.getMessage()));
            } else {
                finish(oldest, ifNotExposed);
            }
        }
    }

    private void finish(Proposal proposal, NotDone why) {
        if (!proposal.finished) {
            end(proposal);
            proposal.completion.notDone(why);
        }
    }

    private void finish(Proposal proposal, OutcomeUnknown why) {
        if (!proposal.finished) {
            end(proposal);
            proposal.completion.unknown(why);
        }
    }

    private void end(Proposal proposal) {
        if (unfinished.remove(proposal)) {
            pendingBytes.addAndGet(-proposal.weightBytes());
        }
    }
}
