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
import java.util.function.Supplier;
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
 *
 * <p>What a session makes repeatable waits again instead of ending as unknown, until its deadline;
 * so it does when a leader doesn't answer in time.
 */
final class Proposals {
    private final Duration pause;
    private final Supplier<Duration> retryHint;
    private final AtomicLong pendingBytes;
    private final LongSupplier ids;
    private final ArrayDeque<Proposal> waiting = new ArrayDeque<>();

    /**
     * Refused for want of room, and not to be ended for it since an earlier try may have done
     * something. They wait a little, so that they aren't refused again and again.
     */
    private final ArrayDeque<Proposal> postponed = new ArrayDeque<>();

    private long refusedBytes;

    /** When those are offered again; meaningful while there are some. */
    private long resumeNanos;

    private final ArrayDeque<Proposal> offered = new ArrayDeque<>();
    private final ArrayDeque<Admitted> admitted = new ArrayDeque<>();
    private final Map<Long, Forwarded> forwarded = new HashMap<>();
    private final Unfinished unfinished = new Unfinished();

    private record Admitted(LogPosition at, Proposal proposal) {}

    /** Those of {@code forwarded} that may be sent again, in the order in which they were sent. */
    private final ArrayDeque<Forwarded> repeatable = new ArrayDeque<>();

    private record Forwarded(ReplicaId leader, Proposal proposal, long sentNanos) {}

    /**
     * @param pause how long one waits that is not ended for want of room
     * @param retryHint when who is refused should come back
     * @param pendingBytes where the weight of each local proposal was added, and is taken off at
     *     its end
     * @param ids draws a number for another attempt
     */
    Proposals(
            Duration pause,
            Supplier<Duration> retryHint,
            AtomicLong pendingBytes,
            LongSupplier ids) {
        this.pause = pause;
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

    /** How many haven't ended. */
    int unfinished() {
        return unfinished.size();
    }

    boolean isWaiting() {
        return !waiting.isEmpty();
    }

    /** The bytes of all that ended for want of room: they have ended, and nothing was done. */
    long refusedBytes() {
        return refusedBytes;
    }

    /** When those that were refused for want of room wait again; the maximum for never. */
    long resumeNanos() {
        return postponed.isEmpty() ? Long.MAX_VALUE : resumeNanos;
    }

    /** Lets those wait to be offered whose time has come. */
    void resume(long nowNanos) {
        if (resumeNanos() <= nowNanos) {
            waiting.addAll(postponed);
            postponed.clear();
        }
    }

    void admitted(LogPosition at) {
        Proposal proposal = offered.removeFirst();
        proposal.exposed = true;
        if (!proposal.repeatable) {
            proposal.forgetPayload(); // it stands in the log
        }
        admitted.addLast(new Admitted(at, proposal));
    }

    /** A proposal of another replica: it has its deadline there. */
    void admittedFor(Completion completion, LogPosition at) {
        admitted.addLast(
                new Admitted(at, new Proposal(0, Payload.EMPTY, completion, Long.MAX_VALUE)));
    }

    void refused(Effect.Refused.Reason reason, long nowNanos) {
        Proposal proposal = offered.removeFirst();
        switch (reason) {
            case NO_LEADER -> waiting.addLast(proposal);
            case OVERLOADED -> noRoom(proposal, overloaded(), nowNanos);
            case DISK_FULL -> noRoom(proposal, diskFull(), nowNanos);
        }
    }

    static NotDone diskFull() {
        return new NotDone(
                NotDone.Reason.DISK_FULL,
                "the leader's disk has no room for it, and no other voter with room has taken over"
                        + " yet; nothing was done. Make room there; until then it may be tried again");
    }

    Overloaded overloaded() {
        Duration retryAfter = retryHint.get();
        return new Overloaded(
                "the leader has too much that isn't committed or applied yet, or its log has come to"
                        + " its bound and waits for snapshots; nothing was done, try again after "
                        + retryAfter,
                retryAfter);
    }

    /** The next offered proposal left for the leader, or, if it couldn't be sent, surely didn't. */
    void forwarded(ReplicaId leader, boolean sent, long nowNanos) {
        Proposal proposal = offered.removeFirst();
        if (sent) {
            proposal.exposed = true;
            Forwarded entry = new Forwarded(leader, proposal, nowNanos);
            forwarded.put(proposal.id, entry);
            if (proposal.repeatable) {
                repeatable.addLast(entry);
            }
        } else {
            waiting.addLast(proposal);
        }
    }

    /**
     * The leader's answer to a forwarded proposal; ignored when it comes from elsewhere or too
     * late.
     *
     * @return whether the proposal waits to be offered again
     */
    boolean replied(
            ReplicaId from, ProposalReply reply, Consumer<Runnable> applyLoop, long nowNanos) {
        Forwarded answered = forwarded.get(reply.id());
        if (answered == null || !answered.leader().equals(from)) {
            return false;
        }
        forwarded.remove(reply.id());
        Proposal proposal = answered.proposal();
        switch (reply.outcome()) {
            case DONE -> {
                end(proposal);
                applyLoop.accept(() -> proposal.completion.done(reply.index(), reply.result()));
            }
            case NOT_LEADER -> {
                // This try was sent once, and that one says that it appended nothing.
                proposal.exposed = proposal.repeated;
                waitAgain(proposal);
            }
            case OVERLOADED -> noRoom(proposal, overloaded(), nowNanos);
            case DISK_FULL -> noRoom(proposal, diskFull(), nowNanos);
            case NOT_DONE ->
                    notDone(
                            proposal,
                            new NotDone(NotDone.Reason.REFUSED, reply.result().asString()));
            case UNKNOWN -> unknown(proposal, new OutcomeUnknown(reply.result().asString()));
        }
        return waiting.peekLast() == proposal;
    }

    /** Offers again what was sent before that time and may be repeated: its answer may be lost. */
    void repeatUnanswered(long sentBeforeNanos) {
        for (Forwarded sent = repeatable.peekFirst(); sent != null; sent = repeatable.peekFirst()) {
            if (!sent.equals(forwarded.get(sent.proposal().id))) {
                repeatable.removeFirst(); // answered, or sent again since
            } else if (sent.sentNanos() <= sentBeforeNanos) {
                repeatable.removeFirst();
                forwarded.remove(sent.proposal().id);
                again(sent.proposal());
            } else {
                return;
            }
        }
    }

    /** When the oldest unanswered was sent that may be repeated; the maximum when there is none. */
    long oldestSentNanos() {
        Forwarded sent = repeatable.peekFirst();
        return sent == null ? Long.MAX_VALUE : sent.sentNanos();
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
                    notDone(
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
     * A snapshot takes the place of everything up to an index. What was proposed here and stands
     * there is answered by nobody: the state machine never sees it by itself. One of a session asks
     * again, and finds its answer in the snapshot.
     */
    void passedBy(long index) {
        while (!admitted.isEmpty() && admitted.peekFirst().at().index() <= index) {
            Admitted passed = admitted.removeFirst();
            unknown(
                    passed.proposal(),
                    new OutcomeUnknown(
                            "the command was appended at "
                                    + passed.at()
                                    + ", and this replica went on from a snapshot behind it; it may have"
                                    + " taken effect"));
        }
    }

    /**
     * This replica doesn't lead any more: what it had admitted beyond the commit index may or may
     * not commit.
     */
    void leadershipLost(long commitIndex) {
        while (!admitted.isEmpty() && admitted.peekLast().at().index() > commitIndex) {
            Admitted lost = admitted.removeLast();
            unknown(lost.proposal(), leadershipEnded(lost.at()));
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
                            unknown(
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
        postponed.removeIf(proposal -> proposal.finished);
    }

    /** Ends everything: the replica has stopped. */
    void endAll(NotDone ifNotExposed) {
        leadershipLost(-1);
        forwarded.clear();
        repeatable.clear();
        waiting.clear();
        postponed.clear();
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

    /** This try did nothing; an earlier one may have, so then it goes on. */
    private void notDone(Proposal proposal, NotDone why) {
        if (proposal.repeated || proposal.repeatable) {
            proposal.exposed = proposal.repeated;
            waitAgain(proposal);
        } else {
            finish(proposal, why);
        }
    }

    /** Its caller is told at once, unless an earlier try may have done something. */
    private void noRoom(Proposal proposal, NotDone why, long nowNanos) {
        if (!proposal.repeated) {
            refusedBytes += proposal.finished ? 0 : proposal.weightBytes();
            finish(proposal, why);
        } else if (!proposal.finished) {
            if (postponed.isEmpty()) {
                resumeNanos = nowNanos + pause.toNanos();
            }
            proposal.id = ids.getAsLong();
            postponed.addLast(proposal);
        }
    }

    private void unknown(Proposal proposal, OutcomeUnknown why) {
        if (proposal.repeatable) {
            again(proposal);
        } else {
            finish(proposal, why);
        }
    }

    private void again(Proposal proposal) {
        proposal.repeated = true;
        proposal.completion.repeated();
        waitAgain(proposal);
    }

    /** The same answer may come once more, when it was sent again and appended. */
    private void waitAgain(Proposal proposal) {
        if (!proposal.finished) {
            proposal.id = ids.getAsLong();
            waiting.addLast(proposal);
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
            proposal.forgetPayload(); // what is admitted or being applied may be long in ending
            pendingBytes.addAndGet(-proposal.weightBytes());
        }
    }
}
