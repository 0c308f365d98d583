package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.StateMachine;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Runs the user's state machine, one call at a time, in a loop that is not the host's. */
final class Applier {
    private final GroupId group;
    private final StateMachine machine;
    private final EventLoop applyLoop;
    private final LongConsumer applied;
    private final Consumer<Fault> failed;
    private boolean stopped;

    /** The last entry that the machine has seen. */
    private long seen;

    /**
     * @param applied told, in the apply loop, of the last index of each batch
     * @param failed told once, in the apply loop, when the machine threw
     */
    Applier(
            GroupId group,
            StateMachine machine,
            EventLoop applyLoop,
            LongConsumer applied,
            Consumer<Fault> failed) {
        this.group = group;
        this.machine = machine;
        this.applyLoop = applyLoop;
        this.applied = applied;
        this.failed = failed;
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

    private void applyNow(List<Entry> entries, @Nullable Proposal[] waiting) {
        for (int i = 0; i < entries.size() && !stopped; i++) {
            Entry entry = entries.get(i);
            if (entry.kind() == EntryKind.COMMAND) {
                applyCommand(entry, waiting[i]);
            }
            seen = stopped ? seen : entry.index();
        }
        if (stopped) {
            giveUp(waiting);
        } else {
            applied.accept(entries.get(entries.size() - 1).index());
        }
    }

    private void applyCommand(Entry entry, @Nullable Proposal proposal) {
        Payload result;
        try {
            result =
                    machine.apply(
                            new Command(
                                    entry.position(), entry.timestampMillis(), entry.payload()));
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
        if (proposal != null) {
            proposal.completion.done(entry.index(), result);
        }
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
