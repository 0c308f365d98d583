package dev.lockstep.raft.core;

import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.LogRoom;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.StateHash;
import dev.lockstep.raft.model.WrittenLog;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything that can happen to a core. */
public sealed interface Event {
    /** Time has passed: perhaps {@link RaftCore#deadlineNanos} is reached. */
    record Wake() implements Event {
        public static final Wake INSTANCE = new Wake();
    }

    /**
     * This process had no time for long (it was stopped, or collected garbage), so what others have
     * said meanwhile may still be unread: their silence means nothing yet.
     */
    record StoodStill() implements Event {}

    /**
     * A message arrived; the transport vouches for the sender's node, the sender for its
     * incarnation.
     */
    record Received(ReplicaId from, Message message) implements Event {}

    /**
     * The transport didn't take an append, since that host isn't connected or too much waits for it
     * already: it has not left, and what was sent behind it leads nowhere.
     */
    record Unsent(ReplicaId to, AppendEntries append) implements Event {}

    /** Messages to that host can leave from now on. */
    record Connected(NodeId peer) implements Event {}

    /** The connection to that host is gone, without having been closed on purpose. */
    record Disconnected(NodeId peer) implements Event {}

    /**
     * That host isn't heard, has begun anew, or says that it doesn't lead this group: who sleeps
     * and trusts it wakes.
     */
    record Suspected(NodeId host) implements Event {}

    /** This replica is about to be closed: if it leads, it says that it does so no more. */
    record Resign() implements Event {}

    /** A client wants an entry of this kind in the log. */
    record Propose(Ticket ticket, EntryKind kind, Payload payload) implements Event {
        /** A command for the state machine. */
        public Propose(Ticket ticket, Payload payload) {
            this(ticket, EntryKind.COMMAND, payload);
        }
    }

    /**
     * A client wants to read; a number stands for all reads that came together.
     *
     * @param byLease whether a leader that has a lease may answer at once
     */
    record Read(long id, boolean byLease) implements Event {
        /** To be confirmed by a quorum. */
        public Read(long id) {
            this(id, false);
        }
    }

    /**
     * This replica is to hand leadership over, if it leads.
     *
     * @param target to whom; null for the voter that holds most of the log
     */
    record Transfer(long id, @Nullable NodeId target) implements Event {}

    /** A client wants the membership changed; only a leader does so. */
    record ChangeMembership(long id, MembershipChange change) implements Event {}

    /** The persist that carried this token, and all before it, are durable. */
    record Persisted(PersistToken token) implements Event {}

    /**
     * Answers {@link Effect.Load} with entries as they stand on disk, consecutive from {@code
     * from}.
     */
    record Loaded(long from, List<Entry> entries) implements Event {}

    /**
     * Answers {@link Effect.Load} where the disk doesn't give the first entry back as it was
     * written.
     *
     * @param at the entry's position when it was asked for
     */
    record Damaged(LogPosition at, Fault why) implements Event {}

    /** The state machine has applied everything up to this index. */
    record Applied(long index) implements Event {}

    /** Something that concerns snapshots. */
    record Snapshots(SnapshotNews news) implements Event {}

    /** The state machine has applied an entry that asks for this hash. */
    record Hashed(StateHash hash) implements Event {}

    /** What room this host has for its log from now on; at first there is enough. */
    record RoomChanged(LogRoom room) implements Event {}

    /**
     * The disk had no room for a persist, and takes none that was handed out since. What was
     * attested durable before stays so.
     *
     * @param log what it has taken of this replica
     */
    record Unwritten(WrittenLog log) implements Event {}

    /** Disk or state machine failed for good. */
    record Failed(Fault fault) implements Event {}
}
