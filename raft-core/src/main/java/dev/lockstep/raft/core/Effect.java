package dev.lockstep.raft.core;

import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a core can ask for. A runner carries effects out in the order in which it gets
 * them.
 */
public sealed interface Effect {
    void runOn(Runner runner);

    /** One method per effect: a new effect breaks every runner at compile time. */
    interface Runner {
        void persist(Persist effect);

        void send(Send effect);

        void apply(Apply effect);

        void load(Load effect);

        void admitted(Admitted effect);

        void refused(Refused effect);

        void forward(Forward effect);

        void readReady(ReadReady effect);

        void readRefused(ReadRefused effect);

        void transferAborted(TransferAborted effect);

        void changeDone(ChangeDone effect);

        void changeRefused(ChangeRefused effect);

        void configurationChanged(ConfigurationChanged effect);

        void warned(Warned effect);

        void statesDiffer(StatesDiffer effect);

        void roleChanged(RoleChanged effect);

        void snapshots(Snapshots effect);

        void halt(Halt effect);
    }

    /**
     * Makes changes durable, in the order of the components, after all earlier ones; answered by
     * {@link Event.Persisted}, or by one {@link Event.Unwritten} for all in flight where the disk
     * has no room; from then on none brings entries or copies, until there is room. Many may be in
     * flight.
     *
     * @param founding null when it stays
     * @param hardState null when it stays
     * @param truncateFrom the first index to drop; 0 for none
     * @param base the position before the first entry that is kept from now on, which the log holds
     *     unless all of it was just dropped; null when it stays. A durable snapshot stands for what
     *     was before
     * @param copies of entries that the log holds and the disk has damaged, ascending
     * @param entries what follows the rest of the log
     */
    record Persist(
            PersistToken token,
            @Nullable Founding founding,
            @Nullable HardState hardState,
            long truncateFrom,
            @Nullable LogPosition base,
            List<Entry> copies,
            List<Entry> entries)
            implements Effect {
        @Override
        public void runOn(Runner runner) {
            runner.persist(this);
        }
    }

    /**
     * Sends at once, or only after every {@link Persist} before it is durable (§3.8). May be lost.
     */
    record Send(ReplicaId to, Message message, boolean afterPersist) implements Effect {
        @Override
        public void runOn(Runner runner) {
            runner.send(this);
        }
    }

    /** Committed entries, in log order without a gap; answered by {@link Event.Applied}. */
    record Apply(List<Entry> entries) implements Effect {
        @Override
        public void runOn(Runner runner) {
            runner.apply(this);
        }
    }

    /** Reads durable entries back, at least one; answered by {@link Event.Loaded}. */
    record Load(long from, int maxBytes) implements Effect {
        @Override
        public void runOn(Runner runner) {
            runner.load(this);
        }
    }

    /** The proposal stands at this place of the leader's log; it may still be overwritten. */
    record Admitted(Ticket ticket, LogPosition at) implements Effect {
        @Override
        public void runOn(Runner runner) {
            runner.admitted(this);
        }
    }

    /** The proposal was not appended. */
    record Refused(Ticket ticket, Reason reason) implements Effect {
        /** Why not. */
        public enum Reason {
            NO_LEADER,
            OVERLOADED,
            DISK_FULL
        }

        @Override
        public void runOn(Runner runner) {
            runner.refused(this);
        }
    }

    /** The proposal is the leader's to append: sent to it, once. */
    record Forward(Ticket ticket, ReplicaId leader, Message message) implements Effect {
        @Override
        public void runOn(Runner runner) {
            runner.forward(this);
        }
    }

    /**
     * The reads may run once the state machine has applied {@code index}.
     *
     * @param lease what it rests on, to be checked again before the answer; null when a quorum has
     *     confirmed it
     */
    record ReadReady(long id, long index, @Nullable Lease lease) implements Effect {
        /** Confirmed by a quorum. */
        public ReadReady(long id, long index) {
            this(id, index, null);
        }

        @Override
        public void runOn(Runner runner) {
            runner.readReady(this);
        }
    }

    /** No leader has confirmed itself for these reads; ask again. */
    record ReadRefused(long id) implements Effect {
        @Override
        public void runOn(Runner runner) {
            runner.readRefused(this);
        }
    }

    /**
     * Leadership was not handed over, and stays; a transfer that succeeds shows as {@link
     * RoleChanged}.
     */
    record TransferAborted(long id, String reason) implements Effect {
        @Override
        public void runOn(Runner runner) {
            runner.transferAborted(this);
        }
    }

    /**
     * The change that a client asked for is committed, its last step included. What joins becomes a
     * voter later, on its own. A change whose leader steps down before ends without an effect: it
     * may yet be made.
     *
     * @param index of the entry of the configuration that it led to
     */
    record ChangeDone(long id, long index, Membership membership) implements Effect {
        @Override
        public void runOn(Runner runner) {
            runner.changeDone(this);
        }
    }

    /** The change was not begun, and nothing is different. */
    record ChangeRefused(long id, String reason) implements Effect {
        @Override
        public void runOn(Runner runner) {
            runner.changeRefused(this);
        }
    }

    /**
     * Another configuration is at the log's end, which is in force, or it is committed now.
     *
     * @param index of its entry; 0 for the founding's
     */
    record ConfigurationChanged(long index, Membership membership, boolean committed)
            implements Effect {
        @Override
        public void runOn(Runner runner) {
            runner.configurationChanged(this);
        }
    }

    /**
     * This replica runs, but isn't what its node's name says; null when that is over.
     *
     * @param fault what is wrong, and what to do
     */
    record Warned(@Nullable Fault fault) implements Effect {
        @Override
        public void runOn(Runner runner) {
            runner.warned(this);
        }
    }

    /**
     * Replicas have made different things of the same log, or of different ones. Told by the
     * leader, once for each place of comparison.
     *
     * @param evidence what each of them reported
     */
    record StatesDiffer(long index, String evidence) implements Effect {
        @Override
        public void runOn(Runner runner) {
            runner.statesDiffer(this);
        }
    }

    /**
     * This replica plays another part, or knows another term or leader. When it was the leader,
     * what it had admitted and not committed is now of unknown outcome.
     */
    record RoleChanged(Role role, long term, @Nullable ReplicaId leader) implements Effect {
        @Override
        public void runOn(Runner runner) {
            runner.roleChanged(this);
        }
    }

    /** Something that concerns snapshots. */
    record Snapshots(SnapshotWork work) implements Effect {
        @Override
        public void runOn(Runner runner) {
            runner.snapshots(this);
        }
    }

    /** This replica has stopped for good; no other effect follows. */
    record Halt(Fault fault) implements Effect {
        @Override
        public void runOn(Runner runner) {
            runner.halt(this);
        }
    }
}
