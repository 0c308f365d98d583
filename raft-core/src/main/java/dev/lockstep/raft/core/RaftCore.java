package dev.lockstep.raft.core;

import dev.lockstep.raft.message.EntryCopy;
import dev.lockstep.raft.message.FetchEntry;
import dev.lockstep.raft.message.FetchSnapshot;
import dev.lockstep.raft.message.FoundingState;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.LogRoom;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerProgress;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.WrittenLog;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One replica's whole protocol as a pure state machine: events go in by {@link #step}, effects come
 * out by {@link #drainEffects}, and nothing else happens. It has no thread, clock or I/O; given the
 * same seed and the same events at the same times it does the same.
 *
 * <p>This class holds what every role shares (hard state, log, commit index) and the rules that
 * hold in every role (§3.3: who sees a later term becomes a follower in it). The roles are {@link
 * FoundingRole}, {@link Follower}, {@link Candidate} and {@link Leader}; {@link Voter} answers
 * requests for votes, {@link CommitQueue} hands committed entries to the state machine.
 *
 * <p>Not thread-safe: the caller sees to it that one thread at a time is inside.
 */
public final class RaftCore {
    /** What {@link #deadlineNanos} returns when time alone changes nothing. */
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    final ReplicaId self;
    final RaftOptions options;
    final SplittableRandom random;
    final Configurations configurations;
    final LogView log;
    final Outbox outbox;
    final CommitQueue commits;
    final FoundingRecord founding;
    final Snapshots snapshots;
    final Outsiders outsiders = new Outsiders();
    final MembershipNews news;

    final Promises promises;
    final Repair repair;
    final Health health;
    final LeaderHint hint;
    final StateWatch states;

    /**
     * How far the state reached at the start that the state machine keeps durably itself; null when
     * it keeps none.
     */
    final @Nullable LogPosition ownState;

    private final Voter voter;
    private final Invariants invariants;

    private HardState hardState;

    /** The latest term that is on disk. */
    private long durableTerm;

    /**
     * The end of the log's part that is attested durable in this term; 0 until the term's first
     * token is back.
     */
    private long durableIndex;

    private Behaviour behaviour;
    private @Nullable ReplicaId leader;
    private long leaderHeardNanos;
    private boolean leaderCutOff;

    /** Whose connection is gone, as far as the transport has told. */
    private final TreeSet<NodeId> unreachable = new TreeSet<>();

    private LogRoom room = LogRoom.ENOUGH;
    private boolean withholdsEntries;

    private @Nullable Fault fault;

    private long nowNanos;
    private long wallMillis;

    /**
     * Takes up a replica where its disk left it.
     *
     * @param initialNodes the nodes that found the group, this one included; they matter until it
     *     is founded
     * @param seed of election timeouts and drawn ids
     * @param nowNanos the time on the clock of all later {@link #step}s
     */
    public RaftCore(
            RecoveredReplica recovered,
            List<NodeId> initialNodes,
            RaftOptions options,
            long seed,
            long nowNanos) {
        this.self = recovered.id();
        this.options = options;
        this.random = new SplittableRandom(seed);
        this.configurations = configurationsOf(recovered);
        this.log = new LogView(recovered, configurations);
        this.repair = new Repair(this, recovered, nowNanos);
        this.outbox = new Outbox(this);
        SnapshotMeta snapshot = recovered.snapshot();
        this.commits = new CommitQueue(this, snapshot == null ? 0 : snapshot.position().index());
        this.snapshots = new Snapshots(this, snapshot);
        this.founding =
                new FoundingRecord(
                        initialNodes, recovered.founding(), recovered.beganAnew() == null);
        this.news = new MembershipNews(this, recovered.beganAnew());
        this.states = new StateWatch(this);
        this.voter = new Voter(this);
        this.ownState = recovered.ownState();
        this.hardState = recovered.hardState();
        this.health = new Health(this);
        this.hint = new LeaderHint(this);
        this.promises = new Promises(this, hardState.longestPromiseNanos(), nowNanos);
        this.durableTerm = hardState.term();
        this.durableIndex = 0;
        this.nowNanos = nowNanos;
        this.behaviour = founding.isComplete() ? new Follower(this) : new FoundingRole(this);
        this.invariants = new Invariants(this);
        announceRole();
        behaviour.onEnter();
        if (ownState != null) {
            commits.commitTo(ownState.index()); // what was applied is committed
            if (hardState.term() > 0) {
                outbox.probeDisk(); // it attests the log, of which nothing is applied before
            }
        }
    }

    private static Configurations configurationsOf(RecoveredReplica recovered) {
        Configurations configurations = new Configurations();
        SnapshotMeta snapshot = recovered.snapshot();
        if (snapshot != null) {
            configurations.begin(snapshot.configurationIndex(), snapshot.membership());
        } else if (recovered.founding() != null) {
            configurations.begin(0, recovered.founding().initial());
        }
        for (Entry entry : recovered.configurations()) {
            if (entry.index() > configurations.current().index()) {
                configurations.appended(entry);
            }
        }
        return configurations;
    }

    /**
     * Takes one event. Never blocks, and throws for nothing that a peer or a disk can cause.
     *
     * @param nowNanos of one monotonic clock; one that went back counts as the latest seen
     * @param wallMillis milliseconds since 1970, for the timestamps of entries only
     */
    public void step(long nowNanos, long wallMillis, Event event) {
        if (fault != null) {
            return;
        }
        this.nowNanos = Math.max(this.nowNanos, nowNanos);
        this.wallMillis = wallMillis;
        if (Slumber.isUse(event)) {
            ReplicaId by = event instanceof Event.Received received ? received.from() : null;
            behaviour.onUse(by, Slumber.isOfClient(event));
        }
        if (event instanceof Event.Received received) {
            receive(received.from(), received.message());
        } else if (event instanceof Event.Propose propose) {
            behaviour.onPropose(propose.ticket(), propose.kind(), propose.payload());
        } else if (event instanceof Event.Read read) {
            behaviour.onRead(Ticket.local(read.id()), read.byLease());
        } else if (event instanceof Event.Transfer transfer) {
            behaviour.onTransfer(transfer.id(), transfer.target());
        } else if (event instanceof Event.ChangeMembership change) {
            behaviour.onChangeMembership(change.id(), change.change());
        } else if (event instanceof Event.Persisted persisted) {
            persisted(persisted.token());
        } else if (event instanceof Event.Applied applied) {
            commits.applied(applied.index());
            evict();
        } else if (event instanceof Event.Loaded loaded) {
            List<Entry> entries = log.stillHeld(loaded.entries());
            commits.loaded(loaded.from(), entries);
            behaviour.onLoaded(loaded.from(), entries);
            if (repair.onLoaded(loaded.from(), entries) && behaviour instanceof Follower follower) {
                follower.acknowledgeAgain();
            }
        } else if (event instanceof Event.Damaged damaged) {
            damaged(damaged.at(), damaged.why());
        } else if (event instanceof Event.Snapshots concerning) {
            snapshots.on(concerning.news());
        } else if (event instanceof Event.Unsent unsent) {
            behaviour.onUnsent(unsent.to(), unsent.append());
        } else if (event instanceof Event.Connected connected) {
            unreachable.remove(connected.peer());
            hint.connected(connected.peer());
            behaviour.onConnected(connected.peer());
        } else if (event instanceof Event.StoodStill) {
            behaviour.onStoodStill();
        } else if (event instanceof Event.Resign) {
            behaviour.onResign();
        } else if (event instanceof Event.Disconnected disconnected) {
            unreachable.add(disconnected.peer());
            behaviour.onDisconnected(disconnected.peer());
        } else if (event instanceof Event.Suspected suspected) {
            behaviour.onSuspected(suspected.host());
        } else if (event instanceof Event.Hashed hashed) {
            states.hashed(hashed.hash());
        } else if (event instanceof Event.RoomChanged changed) {
            room(changed.room());
        } else if (event instanceof Event.Unwritten unwritten) {
            unwritten(unwritten.log());
        } else if (event instanceof Event.Failed failed) {
            halt(failed.fault());
        }
        if (fault == null && behaviour.deadlineNanos() <= this.nowNanos) {
            behaviour.onDeadline();
        }
        assert fault != null || invariants.hold();
    }

    /**
     * Hands out what the events since the last call ask for, in order, merged: one {@link
     * Effect.Persist} for all of them, and one message per follower where several would say the
     * same.
     */
    public void drainEffects(Effect.Runner runner) {
        if (fault == null) {
            behaviour.beforeDrain();
            commits.handOut();
            snapshots.takeIfDue();
            news.tell();
        }
        outbox.drainTo(runner);
    }

    /**
     * When it next wants a {@link Event.Wake}, on the clock of {@link #step}; {@link #NO_DEADLINE}
     * for never.
     */
    public long deadlineNanos() {
        return fault != null ? NO_DEADLINE : behaviour.deadlineNanos();
    }

    public ReplicaId self() {
        return self;
    }

    public Role role() {
        return fault != null ? Role.HALTED : behaviour.role();
    }

    /**
     * Whether it waits for no time, since nobody uses the group: a follower trusts that the host of
     * {@link #leader} is watched, and wants {@link Event.Suspected} when that is gone.
     */
    public boolean isAsleep() {
        return fault == null && behaviour.isAsleep();
    }

    /** Whether it leads in its sleep, and those of that host didn't agree to it. */
    public boolean sleepsWithout(NodeId host) {
        return fault == null && behaviour.sleepsWithout(host);
    }

    /** The leader of the current term, as far as known here. */
    public @Nullable ReplicaId leader() {
        return leader;
    }

    public HardState hardState() {
        return hardState;
    }

    public long term() {
        return hardState.term();
    }

    public LogPosition last() {
        return log.last();
    }

    public long commitIndex() {
        return commits.committed();
    }

    public long appliedIndex() {
        return commits.applied();
    }

    public @Nullable Fault fault() {
        return fault;
    }

    /** Whether it leads and can commit only with the help of witnesses. */
    public boolean runsOnWitness() {
        return behaviour instanceof Leader leading
                && fault == null
                && leading.witnesses().areNeeded();
    }

    /**
     * What a leader knows of every other replica; empty for whoever doesn't lead.
     *
     * @param nowNanos on the clock of {@link #step}
     */
    public List<PeerProgress> peers(long nowNanos) {
        return behaviour instanceof Leader leading && fault == null
                ? new PeerReport(this).of(leading, nowNanos)
                : List.of();
    }

    /** The bytes of a leader's own term that aren't committed; 0 for whoever doesn't lead. */
    public long uncommittedBytes() {
        return behaviour instanceof Leader leading && fault == null
                ? leading.uncommittedBytes()
                : 0;
    }

    /** The bytes that were committed since the start and not answered by the state machine. */
    public long unappliedBytes() {
        return commits.unappliedBytes();
    }

    /** The last index that the newest durable snapshot holds; 0 without one. */
    public long snapshotIndex() {
        return snapshots.newestIndex();
    }

    /** The term of an entry of the log, or of the position before its first; -1 elsewhere. */
    public long termAt(long index) {
        return log.termAt(index);
    }

    /** The log holds entries from this index on. */
    public long firstIndex() {
        return log.base().index() + 1;
    }

    /** The configuration in force, committed or not. Only asked for once the group is founded. */
    Membership membership() {
        return configurations.current().membership();
    }

    // ---- what roles share ----

    long now() {
        return nowNanos;
    }

    long wallMillis() {
        return wallMillis;
    }

    long durableIndex() {
        return durableIndex;
    }

    boolean termIsDurable() {
        return durableTerm == hardState.term();
    }

    Behaviour behaviour() {
        return behaviour;
    }

    /** What room this host has for its log. */
    LogRoom room() {
        return room;
    }

    /** Whether entries can be made durable here; terms and votes can while they can't. */
    boolean diskIsFull() {
        return room == LogRoom.DISK_FULL;
    }

    /** Whether the disk has refused entries, so that it is given none until there is room. */
    boolean withholdsEntries() {
        return withholdsEntries;
    }

    /**
     * The end of what is durable, or will be before any message leaves that waits for the disk:
     * what this replica may claim to hold. Entries behind it are as good as lost in a restart.
     */
    LogPosition writableLast() {
        return withholdsEntries ? log.positionAt(log.givenIndex()) : log.last();
    }

    private void room(LogRoom now) {
        room = now;
        health.diskFull(diskIsFull());
        if (diskIsFull() && behaviour instanceof Leader) {
            behaviour.onUse(null, false); // it should hand over
        }
        if (withholdsEntries && !diskIsFull()) {
            withholdsEntries = false;
            if (behaviour instanceof Follower follower) {
                follower.acknowledgeAgain();
            }
        }
    }

    /**
     * The disk is given again what it lacks; entries not before there is room. What it should have
     * kept promises for is not said.
     */
    private void unwritten(WrittenLog disk) {
        room(LogRoom.DISK_FULL);
        withholdsEntries = true;
        log.resumeBehind(disk);
        repair.copiesRefused();
        health.disk.forget();
        outbox.writeAgain(founding.held() != null);
        if (behaviour instanceof Follower follower) {
            follower.acknowledgeAgain();
        }
    }

    /** Whether a leader of this term was heard within the minimum election timeout (§4.2.3). */
    boolean hearsLeader() {
        return leader != null
                && (leader.equals(self)
                        || (nowNanos - leaderHeardNanos < options.electionTimeout().toNanos()
                                && !leaderCutOff
                                && !hint.isActive()));
    }

    /**
     * The leader of this term says itself that a quorum doesn't answer it, or that it has resigned.
     */
    void leaderIsCutOff(boolean cutOff) {
        leaderCutOff = cutOff;
    }

    boolean isLeaderCutOff() {
        return leaderCutOff;
    }

    /** Its host was watched while this replica slept, so it is as good as heard. */
    void vouchForLeader() {
        leaderHeardNanos = nowNanos;
    }

    /** Whether it gives nobody a vote now, except where its leader asks for it. */
    boolean refusesVotes() {
        return hearsLeader() || promises.hold();
    }

    boolean isReachable(NodeId node) {
        return !unreachable.contains(node);
    }

    void heardLeader(ReplicaId from) {
        leaderHeardNanos = nowNanos;
        if (!from.equals(leader)) {
            leader = from;
            leaderCutOff = false;
            announceRole();
        }
    }

    void setHardState(HardState next) {
        assert next.term() >= hardState.term() : "term would go from " + hardState + " to " + next;
        if (next.term() > hardState.term()) {
            leader = null;
            durableIndex = 0;
        }
        hardState = next;
        outbox.hardStateChanged();
    }

    /** Follows in a term, the current one or a later one, with no leader known yet. */
    void becomeFollower(long term) {
        if (term > hardState.term()) {
            setHardState(hardState.withTerm(term));
        }
        become(new Follower(this));
    }

    void become(Behaviour next) {
        behaviour.onLeave();
        behaviour = next;
        leader = next instanceof Leader ? self : null;
        announceRole();
        next.onEnter();
    }

    /** Drops a conflicting suffix. What was attested durable of it is no longer in the log. */
    void truncateFrom(long index) {
        if (index <= commits.committed()) {
            halt(
                    new Fault(
                            Fault.Code.BUG,
                            self
                                    + " was told to drop its entries from "
                                    + index
                                    + " on, of which "
                                    + commits.committed()
                                    + " are committed. Two leaders disagree on committed entries, so some member has lost what"
                                    + " it had acknowledged. Nothing was dropped; compare the members' logs before going on."));
            return;
        }
        durableIndex = Math.min(durableIndex, index - 1);
        log.truncateFrom(index);
        repair.truncatedFrom(index);
    }

    /** An installed snapshot takes the place of the log, or of its beginning. */
    void logRestartsAt(LogPosition position, long timestampMillis) {
        if (!log.holds(position)) {
            durableIndex = 0;
        }
        if (log.holds(position)) {
            repair.forgetUpTo(position.index());
        } else {
            repair.truncatedFrom(0);
        }
        log.restartAt(position, timestampMillis);
    }

    /** The disk can't give back what it was given. */
    private void damaged(LogPosition at, Fault why) {
        commits.loaded(at.index(), List.of());
        behaviour.onLoaded(at.index(), List.of());
        boolean unusedRepaired = repair.onLoaded(at.index(), List.of());
        if (at.index() > log.base().index() && log.holds(at)) {
            repair.found(at.index(), why);
            behaviour.onDamaged();
            if (at.index() <= commits.handed()) {
                snapshots.on(new SnapshotNews.Crowded()); // the own state can stand for it, too
            }
        }
    }

    void halt(Fault why) {
        if (fault == null) {
            boolean led = behaviour instanceof Leader;
            fault = why;
            leader = null;
            outbox.halt(why);
            if (led) {
                outbox.resign(((Leader) behaviour).followers());
            }
        }
    }

    /** Committed and durable entries need not be in memory: who still wants them loads them. */
    private void evict() {
        log.evict(Math.min(durableIndex, commits.committed()), options.cacheBytes());
    }

    private void announceRole() {
        outbox.roleChanged(new Effect.RoleChanged(behaviour.role(), hardState.term(), leader));
    }

    private void receive(ReplicaId from, Message message) {
        if (from.equals(self)) {
            return;
        }
        if (from.equals(leader)) {
            hint.heard();
        }
        if (message instanceof FoundingState state) {
            behaviour.onFoundingState(from, state);
        } else if (!founding.isComplete()) {
            return; // who isn't sure of the founding promises nothing
        } else if (message instanceof FetchSnapshot request) {
            snapshots.onFetch(from, request);
        } else if (message instanceof SnapshotChunk chunk) {
            snapshots.fetch.onChunk(from, chunk);
        } else if (message instanceof FetchEntry request) {
            repair.onFetch(from, request);
        } else if (message instanceof EntryCopy copy) {
            repair.onCopy(copy);
        } else if (message instanceof RequestPreVote request) {
            voter.onRequestPreVote(from, request);
        } else if (message instanceof RequestVote request) {
            voter.onRequestVote(from, request);
        } else if (message.term() < hardState.term()) {
            StaleTerm.answer(this, from, message);
        } else {
            // A granted pre-vote names a term that nobody is in yet.
            if (message.term() > hardState.term()
                    && !(message instanceof PreVoteReply reply && reply.granted())) {
                becomeFollower(message.term());
            }
            behaviour.onMessage(from, message);
        }
    }

    private void persisted(PersistToken token) {
        durableTerm = Math.max(durableTerm, token.term());
        promises.durable(token.longestPromiseNanos());
        health.disk.answered(nowNanos);
        if (repair.durable(token.copies()) && behaviour instanceof Follower follower) {
            follower.acknowledgeAgain();
        }
        if (token.term() == hardState.term() && log.holds(token.last())) {
            durableIndex = Math.max(durableIndex, token.last().index());
            evict();
        }
        behaviour.onDurable();
    }
}
