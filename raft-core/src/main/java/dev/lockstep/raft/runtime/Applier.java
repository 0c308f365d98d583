package dev.lockstep.raft.runtime;

import dev.lockstep.raft.applied.AppliedState;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.StateHash;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.RaftMetrics;
import dev.lockstep.raft.spi.SnapshotStore;
import dev.lockstep.raft.spi.StateMachine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Applies committed entries to sessions and to the user's state machine, one at a time, in a loop
 * that is not the host's.
 */
final class Applier {
    private final GroupId group;
    private final StateMachine machine;

    /** Null for a machine that begins at a snapshot. */
    private final @Nullable OwnState own;

    private final EventLoop applyLoop;
    private final LongConsumer applied;
    private final Consumer<Fault> failed;
    private final Consumer<StateHash> hashed;
    private final Clock clock;
    private final RaftMetrics metrics;
    private final AppliedState state = new AppliedState();
    private final UnaryOperator<Payload> machineAtCurrent = this::runMachine;

    /** The one that is being applied. */
    private @Nullable Entry current;

    private boolean stopped;

    /** Told to other loops. */
    private volatile boolean hasSessions;

    /** The last entry that the machine has seen. */
    private long seen;

    /** Gives the answers of the batch at hand, once it is committed. */
    private final List<Runnable> uncommitted = new ArrayList<>();

    /**
     * @param own of a machine that keeps its state durably itself; null for any other
     * @param applied told, in the apply loop, of the last index of each batch
     * @param failed told once, in the apply loop, when the machine threw
     * @param hashed told, in the apply loop, at each entry that asks to compare states
     */
    Applier(
            GroupId group,
            StateMachine machine,
            @Nullable OwnState own,
            EventLoop applyLoop,
            LongConsumer applied,
            Consumer<Fault> failed,
            Consumer<StateHash> hashed,
            Clock clock,
            RaftMetrics metrics) {
        this.group = group;
        this.machine = machine;
        this.own = own;
        this.seen = own == null ? 0 : own.reached().index();
        this.applyLoop = applyLoop;
        this.applied = applied;
        this.failed = failed;
        this.hashed = hashed;
        this.clock = clock;
        this.metrics = metrics;
    }

    /**
     * Applies committed entries, after all that were given before.
     *
     * @param waiting for each entry who proposed it here; null for the others
     */
    void apply(List<Entry> entries, @Nullable Proposal[] waiting) {
        if (metrics == RaftMetrics.NONE) {
            applyLoop.execute(() -> applyNow(entries, waiting));
        } else {
            long handedNanos = clock.nanoTime();
            applyLoop.execute(() -> applyMeasured(entries, waiting, handedNanos));
        }
    }

    /** Asks the machine, after all that was given before, unless the read has ended by then. */
    void query(PendingRead read) {
        if (read.enter()) {
            applyLoop.execute(
                    () -> {
                        queryNow(read);
                        read.leave();
                    });
        }
    }

    private void queryNow(PendingRead read) {
        if (read.hasEnded()) {
            return;
        }
        if (stopped) {
            read.fail(
                    new NotDone(
                            NotDone.Reason.HALTED,
                            "the state machine of group " + group + " has stopped"));
            return;
        }
        try {
            Payload answer = machine.query(read.question);
            LeaseCheck check = read.check;
            if (check == null || check.passes()) {
                read.complete(seen, answer);
            } else {
                check.otherwise().run();
            }
        } catch (RuntimeException | Error e) {
            NotDone why =
                    new NotDone(
                            NotDone.Reason.QUERY_FAILED,
                            "the state machine of group " + group + " failed a query: " + e);
            why.initCause(e);
            read.fail(why);
        }
    }

    /**
     * Freezes the state, after all that was given before.
     *
     * @param byReference whether the machine keeps its own, of which nothing is needed
     * @param then told in the apply loop
     * @param failed told in the apply loop when the machine threw, which changes nothing
     */
    void freeze(boolean byReference, Consumer<FrozenState> then, Consumer<Throwable> failed) {
        applyLoop.execute(
                () -> {
                    if (stopped) {
                        return;
                    }
                    FrozenState frozen;
                    try {
                        frozen =
                                new FrozenState(
                                        state.save(), byReference ? null : machine.snapshot());
                    } catch (RuntimeException | Error e) {
                        failed.accept(e);
                        return;
                    }
                    then.accept(frozen);
                });
    }

    /**
     * Puts a durable snapshot in place of the state, after all that was given before.
     *
     * @param then run in the apply loop
     */
    void restore(SnapshotStore store, SnapshotMeta meta, Runnable then) {
        applyLoop.execute(
                () -> {
                    if (!stopped) {
                        restoreNow(store, meta, then);
                    }
                });
    }

    /**
     * In any loop: makes durable what the machine keeps itself, all that was applied before at
     * least.
     */
    void syncOwnState() throws IOException {
        if (own != null) {
            own.sync();
        }
    }

    /** A snapshot is durable that stands for all sessions up to an index. */
    void snapshotIsDurable(long index) {
        if (own != null) {
            applyLoop.execute(() -> own.snapshotIsDurable(index));
        }
    }

    /** Runs something in the apply loop, after all that was given before. */
    void afterAll(Runnable then) {
        applyLoop.execute(then);
    }

    private void restoreNow(SnapshotStore store, SnapshotMeta meta, Runnable then) {
        Fault fault = new Restoring(group, machine, own, state).from(store, meta);
        if (fault == null) {
            long reached = own == null ? 0 : own.reached().index();
            seen = Math.max(reached, meta.position().index());
            hasSessions = state.sessions() > 0;
            then.run();
        } else {
            stopped = true;
            failed.accept(fault);
        }
    }

    private void applyNow(List<Entry> entries, @Nullable Proposal[] waiting) {
        for (int i = 0; i < entries.size() && !stopped; i++) {
            applyEntry(entries.get(i), waiting[i]);
            seen = stopped ? seen : Math.max(seen, entries.get(i).index());
        }
        if (own != null && !stopped) {
            commit(own, entries.get(entries.size() - 1).position());
        }
        if (stopped) {
            giveUp(waiting);
        } else {
            hasSessions = state.sessions() > 0;
            applied.accept(entries.get(entries.size() - 1).index());
        }
    }

    private void applyMeasured(
            List<Entry> entries, @Nullable Proposal[] waiting, long handedNanos) {
        long begunNanos = clock.nanoTime();
        applyNow(entries, waiting);
        metrics.applied(
                group, begunNanos - handedNanos, clock.nanoTime() - begunNanos, entries.size());
    }

    private Payload runMachine(Payload command) {
        Entry entry = Objects.requireNonNull(current);
        if (own != null && own.holds(entry.index())) {
            return own.answerAgain(entry);
        }
        Payload answer =
                machine.apply(new Command(entry.position(), entry.timestampMillis(), command));
        if (own != null) {
            own.ran(entry, answer);
        }
        return answer;
    }

    /** Nobody is told an answer that a query might not see yet. */
    private void commit(OwnState own, LogPosition last) {
        try {
            own.commit(last);
        } catch (IOException | RuntimeException | Error e) {
            stopped = true;
            failed.accept(
                    new Fault(
                            Fault.Code.STATE_MACHINE_FAILED,
                            "the state machine of group "
                                    + group
                                    + " failed to commit all up to entry "
                                    + last
                                    + " to its own store: "
                                    + e
                                    + ". What the store holds is not known any more, so this replica has stopped. The"
                                    + " entries are in the log and are applied again, from where the store ends, when"
                                    + " the store is mended and the group is opened again."));
            return;
        }
        uncommitted.forEach(Runnable::run);
        uncommitted.clear();
    }

    private void applyEntry(Entry entry, @Nullable Proposal proposal) {
        Payload result;
        try {
            current = entry;
            result = state.apply(entry, machineAtCurrent);
            // A state that is ahead of this entry says nothing of it.
            if (entry.kind() == EntryKind.COMPARE_STATE
                    && (own == null || !own.holds(entry.index()))) {
                hashed.accept(state.hash(machine.stateHash()));
            }
        } catch (RuntimeException | Error e) {
            stopped = true;
            failed.accept(
                    new Fault(
                            Fault.Code.STATE_MACHINE_FAILED,
                            "the state machine of group "
                                    + group
                                    + " threw at entry "
                                    + entry.position()
                                    + ": "
                                    + e
                                    + ". The entry is committed; skipping it would make the replicas differ, so this replica"
                                    + " has stopped before it. Mend the state machine and open the group again."));
            return;
        }
        if (proposal != null && result != null) {
            Payload answer = result;
            if (own == null) {
                proposal.completion.done(entry.index(), answer);
            } else {
                uncommitted.add(() -> proposal.completion.done(entry.index(), answer));
            }
        }
    }

    /**
     * Asks, after all that was given before, whether idle sessions want an entry.
     *
     * @param then told in the apply loop when they do
     */
    void checkIdleSessions(long wallMillis, long idleMillis, Runnable then) {
        applyLoop.execute(
                () -> {
                    if (!stopped && state.needsExpiry(wallMillis, idleMillis)) {
                        then.run();
                    }
                });
    }

    /** Whether a client's session is open, as of what was told to be applied. Any thread. */
    boolean hasSessions() {
        return hasSessions;
    }

    private void giveUp(@Nullable Proposal[] waiting) {
        for (Proposal proposal : waiting) {
            if (proposal != null) {
                proposal.completion.unknown(
                        new OutcomeUnknown(
                                "the command is committed, but the state machine of group "
                                        + group
                                        + " stopped here"));
            }
        }
    }
}
