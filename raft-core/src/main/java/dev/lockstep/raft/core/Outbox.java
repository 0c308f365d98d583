package dev.lockstep.raft.core;

import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.Resignation;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.ReplicaId;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects the effects of the events between two drains. All that must become durable is merged
 * into one persist, which is handed out first; so a message that waits for "every persist before
 * it" waits for that one too.
 */
final class Outbox {
    private final RaftCore core;
    private final List<Effect> effects = new ArrayList<>();
    private boolean hardStateChanged;
    private boolean foundingChanged;
    private boolean halted;

    Outbox(RaftCore core) {
        this.core = core;
    }

    void hardStateChanged() {
        hardStateChanged = true;
    }

    void foundingChanged() {
        foundingChanged = true;
    }

    void roleChanged(Effect.RoleChanged change) {
        add(change);
    }

    void add(Effect effect) {
        if (!halted) {
            effects.add(effect);
        }
    }

    /**
     * Sends what promises nothing but the term that it names; that must be durable, or it could be
     * denied later.
     */
    void send(ReplicaId to, Message message) {
        add(new Effect.Send(to, message, !core.termIsDurable()));
    }

    /**
     * Sends what promises that everything decided so far is durable: a vote, an acknowledgement, a
     * candidacy.
     */
    void sendDurably(ReplicaId to, Message message) {
        add(new Effect.Send(to, message, true));
    }

    /** Nothing that was not drained yet leaves any more: a halted replica promises nothing. */
    void halt(Fault fault) {
        effects.clear();
        effects.add(new Effect.Halt(fault));
        halted = true;
    }

    /** Tells those who follow that there is nobody to follow any more; it promises nothing. */
    void resign(Followers followers) {
        int at = 0; // before the halt, if that is why
        for (Progress follower : followers) {
            effects.add(
                    at++, new Effect.Send(follower.replica, new Resignation(core.term()), false));
        }
    }

    /**
     * Something is to be written though nothing has changed, to see whether the disk still does it.
     */
    void probeDisk() {
        hardStateChanged();
    }

    /**
     * The disk has refused what it was given last; entries see to themselves. What was to wait for
     * it is not sent: to lose a message is nothing new.
     */
    void writeAgain(boolean isFounded) {
        effects.removeIf(effect -> effect instanceof Effect.Send send && send.afterPersist());
        hardStateChanged |= core.term() > 0;
        foundingChanged |= isFounded;
    }

    void drainTo(Effect.Runner runner) {
        boolean withheld = core.withholdsEntries();
        List<Entry> copies = halted || withheld ? List.of() : core.repair.takeCopies();
        if (!halted
                && (hardStateChanged
                        || foundingChanged
                        || !copies.isEmpty()
                        || core.log.isCut()
                        || core.log.hasEntriesToGive() && !withheld)) {
            new Effect.Persist(
                            new PersistToken(
                                    core.term(),
                                    core.writableLast(),
                                    core.hardState().longestPromiseNanos(),
                                    core.repair.handed()),
                            foundingChanged ? core.founding.held() : null,
                            hardStateChanged ? core.hardState() : null,
                            core.log.takeTruncation(),
                            core.log.takeBase(),
                            copies,
                            withheld ? List.of() : core.log.takeUnpersisted())
                    .runOn(runner);
            core.health.disk.asked(core.now());
            hardStateChanged = false;
            foundingChanged = false;
        }
        for (int i = 0; i < effects.size(); i++) {
            effects.get(i).runOn(runner);
        }
        effects.clear();
    }
}
