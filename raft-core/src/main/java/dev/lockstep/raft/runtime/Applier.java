package dev.lockstep.raft.runtime;

import dev.lockstep.raft.applied.AppliedState;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.StateHash;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.SnapshotStore;
import dev.lockstep.raft.spi.StateMachine;
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
    private final EventLoop applyLoop;
    private final LongConsumer applied;
    private final Consumer<Fault> failed;
    private final Consumer<StateHash> hashed;
    private final AppliedState state = new AppliedState();
    private final UnaryOperator<Payload> machineAtCurrent = this::runMachine;

    /** The one that is being applied. */
    private @Nullable Entry current;

    private boolean stopped;

    /** The last entry that the machine has seen. */
    private long seen;

    /**
     * @param applied told, in the apply loop, of the last index of each batch
     * @param failed told once, in the apply loop, when the machine threw
     * @param hashed told, in the apply loop, at each entry that asks to compare states
     */
    Applier(
            GroupId group,
            StateMachine machine,
            EventLoop applyLoop,
            LongConsumer applied,
            Consumer<Fault> failed,
            Consumer<StateHash> hashed) {
        this.group = group;
        this.machine = machine;
        this.applyLoop = applyLoop;
        this.applied = applied;
        this.failed = failed;
        this.hashed = hashed;
    }

    /**
     * Applies committed entries, after all that were given before.
     *
     * @param waiting for each entry who proposed it here; null for the others
     */
    void apply(List<Entry> entries, @Nullable Proposal[] waiting) {
        applyLoop.execute(() -> applyNow(entries, waiting));
    }

    /** Asks the machine, after all that was given before. */
    void query(Payload question, PendingRead read) {
        applyLoop.execute(
                () -> {
                    if (stopped) {
                        read.fail(
                                new NotDone(
                                        NotDone.Reason.HALTED,
                                        "the state machine of group " + group + " has stopped"));
                        return;
                    }
                    try {
                        Payload answer = machine.query(question);
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
                                        "the state machine of group "
                                                + group
                                                + " failed a query: "
                                                + e);
                        why.initCause(e);
                        read.fail(why);
                    }
                });
    }

    /**
     * Freezes the state, after all that was given before.
     *
     * @param then told in the apply loop
     * @param failed told in the apply loop when the machine threw, which changes nothing
     */
    void freeze(Consumer<FrozenState> then, Consumer<Throwable> failed) {
        applyLoop.execute(
                () -> {
                    if (stopped) {
                        return;
                    }
                    FrozenState frozen;
                    try {
                        frozen = new FrozenState(state.save(), machine.snapshot());
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

    /** Runs something in the apply loop, after all that was given before. */
    void afterAll(Runnable then) {
        applyLoop.execute(then);
    }

    private void restoreNow(SnapshotStore store, SnapshotMeta meta, Runnable then) {
        Fault fault = new Restoring(group, machine, state).from(store, meta);
        if (fault == null) {
            seen = meta.position().index();
            then.run();
        } else {
            stopped = true;
            failed.accept(fault);
        }
    }

    private void applyNow(List<Entry> entries, @Nullable Proposal[] waiting) {
        for (int i = 0; i < entries.size() && !stopped; i++) {
            applyEntry(entries.get(i), waiting[i]);
            seen = stopped ? seen : entries.get(i).index();
        }
        if (stopped) {
            giveUp(waiting);
        } else {
            applied.accept(entries.get(entries.size() - 1).index());
        }
    }

    private Payload runMachine(Payload command) {
        Entry entry = Objects.requireNonNull(current);
        return machine.apply(new Command(entry.position(), entry.timestampMillis(), command));
    }

    private void applyEntry(Entry entry, @Nullable Proposal proposal) {
        Payload result;
        try {
            current = entry;
            result = state.apply(entry, machineAtCurrent);
            if (entry.kind() == EntryKind.COMPARE_STATE) {
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
            proposal.completion.done(entry.index(), result);
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
