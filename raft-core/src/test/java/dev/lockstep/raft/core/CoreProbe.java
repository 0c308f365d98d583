package dev.lockstep.raft.core;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;

/**
 * Drives one core, server 1 of a group, as the runtime does, but disk and time stand still until
 * told otherwise. What left it is taken out by {@link #sent} and {@link #effects}.
 */
final class CoreProbe implements Effect.Runner {
    static final RaftOptions OPTIONS =
            RaftOptions.defaults().with().sleepAfter(Duration.ofSeconds(5)).build();
    static final long ELECTION_NANOS = OPTIONS.electionTimeout().toNanos();
    static final long HEARTBEAT_NANOS = OPTIONS.heartbeatInterval().toNanos();

    final RaftCore core;
    private final SimDisk disk;
    private final List<NodeId> nodes;
    private final ArrayDeque<Effect.Persist> unsynced = new ArrayDeque<>();
    private final ArrayDeque<List<Effect.Send>> held = new ArrayDeque<>();
    private final List<Effect.Send> sent = new ArrayList<>();
    private final List<Effect> effects = new ArrayList<>();
    private long now = 1;
    private long handed;

    /** Whether the state machine answers nothing as time goes by. */
    boolean machineIsStuck;

    private long wallSkewMillis;

    private CoreProbe(int servers, SimDisk disk, RaftOptions options) {
        this(id(1), servers, disk, options);
    }

    private CoreProbe(ReplicaId self, int servers, SimDisk disk, RaftOptions options) {
        this.disk = disk;
        this.nodes = members(servers).stream().map(ReplicaId::node).toList();
        RecoveredReplica recovered = disk.recovered(self);
        core = new RaftCore(recovered, nodes, options, 42, now);
        core.drainEffects(this);
    }

    static ReplicaId id(int server) {
        return new ReplicaId(NodeId.of("n" + server), new UUID(0xAB, server));
    }

    static ReplicaId witness(int server) {
        return new ReplicaId(NodeId.of("n" + server), new UUID(0x8000, server));
    }

    static List<ReplicaId> members(int servers) {
        List<ReplicaId> ids = new ArrayList<>();
        for (int i = 1; i <= servers; i++) {
            ids.add(id(i));
        }
        return ids;
    }

    static Entry entry(long term, long index) {
        return new Entry(term, index, EntryKind.COMMAND, 0, Payload.of(term * 1_000 + index));
    }

    /** A log whose entries have these terms. */
    static List<Entry> log(long... terms) {
        return logFrom(1, terms);
    }

    static List<Entry> logFrom(long first, long... terms) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < terms.length; i++) {
            entries.add(entry(terms[i], first + i));
        }
        return entries;
    }

    static LogPosition at(long term, long index) {
        return index == 0 ? LogPosition.ZERO : new LogPosition(term, index);
    }

    /** A founded replica of so many servers, recovered with that term, no vote, and that log. */
    static CoreProbe follower(int servers, long term, long... logTerms) {
        return follower(OPTIONS, servers, new HardState(term, null), logTerms);
    }

    static CoreProbe follower(
            RaftOptions options, int servers, HardState hardState, long... logTerms) {
        Founding founding =
                new Founding(new UUID(1, 1), Membership.ofVoters(members(servers)), true);
        return new CoreProbe(servers, new SimDisk(founding, hardState, log(logTerms)), options);
    }

    /** Server 1 of three as a witness, recovered with that term, no vote, and that log. */
    static CoreProbe witnessOf(RaftOptions options, long term, List<Entry> log) {
        Membership membership = Membership.ofVoters(List.of(witness(1), id(2), id(3)));
        Founding founding = new Founding(new UUID(1, 1), membership, true);
        SimDisk disk = new SimDisk(founding, new HardState(term, null), log);
        return new CoreProbe(witness(1), 3, disk, options);
    }

    /** A replica that founds a group of that many. */
    static CoreProbe founder(ReplicaId self, int servers) {
        return new CoreProbe(
                self, servers, new SimDisk(null, HardState.INITIAL, List.of()), OPTIONS);
    }

    /** The initial founding of a group of that many servers. */
    static Founding founding(int servers) {
        return new Founding(new UUID(1, 1), Membership.ofVoters(members(servers)), true);
    }

    /** A replica of that founding with that log, configurations among it. */
    static CoreProbe with(int founders, HardState hardState, List<Entry> log) {
        return new CoreProbe(founders, new SimDisk(founding(founders), hardState, log), OPTIONS);
    }

    static Entry configuration(long term, long index, Membership membership) {
        return new Entry(
                term, index, EntryKind.CONFIGURATION, 0, MembershipFormat.encode(membership));
    }

    /** The leader of {@code term}, elected with all its disk durable; what it sent is taken. */
    static CoreProbe leader(RaftOptions options, int servers, long term, long... logTerms) {
        CoreProbe probe = follower(options, servers, new HardState(term - 1, null), logTerms);
        probe.campaign();
        probe.syncAll();
        probe.forAllOthers(new VoteReply(term, true), servers / 2);
        probe.syncAll();
        if (probe.core.role() != Role.LEADER) {
            throw new AssertionError("no leader but " + probe.core.role());
        }
        probe.sent();
        probe.effects();
        return probe;
    }

    static CoreProbe leader(int servers, long term, long... logTerms) {
        return leader(OPTIONS, servers, term, logTerms);
    }

    /** As {@link #leader}, with the no-op committed and known to be so by all followers. */
    static CoreProbe settledLeader(RaftOptions options, int servers, long term, long... logTerms) {
        CoreProbe probe = leader(options, servers, term, logTerms);
        for (int i = 2; i <= servers; i++) {
            probe.receive(i, new AppendAccepted(term, logTerms.length + 1));
        }
        probe.sent();
        probe.effects();
        return probe;
    }

    /** As {@link #leader}, of a group that began with that membership. */
    static CoreProbe leader(Membership membership, long term, long... logTerms) {
        return leader(OPTIONS, membership, term, logTerms);
    }

    static CoreProbe leader(
            RaftOptions options, Membership membership, long term, long... logTerms) {
        int servers = membership.replicas().size();
        Founding founding = new Founding(new UUID(1, 1), membership, true);
        HardState hardState = new HardState(term - 1, null);
        CoreProbe probe =
                new CoreProbe(servers, new SimDisk(founding, hardState, log(logTerms)), options);
        probe.passTime(2 * ELECTION_NANOS);
        probe.forAllOthers(new PreVoteReply(term, true), servers - 1);
        probe.syncAll();
        probe.forAllOthers(new VoteReply(term, true), servers - 1);
        probe.syncAll();
        probe.sent();
        probe.effects();
        return probe;
    }

    static CoreProbe settledLeader(int servers, long term, long... logTerms) {
        return settledLeader(OPTIONS, servers, term, logTerms);
    }

    private void forAllOthers(Message message, int count) {
        for (int i = 2; i < 2 + count; i++) {
            receive(i, message);
        }
    }

    /** Lets the election timeout pass and wins the pre-vote: a candidate whose disk is pending. */
    CoreProbe campaign() {
        passTime(2 * ELECTION_NANOS);
        if (nodes.size() > 1) {
            forAllOthers(new PreVoteReply(core.term() + 1, true), nodes.size() / 2);
        }
        return this;
    }

    // ---- what happens to it ----

    /** One event without a drain after it. */
    void step(Event event) {
        core.step(now, 1_000 + wallSkewMillis + now / 1_000_000, event);
    }

    void drain() {
        core.drainEffects(this);
    }

    void event(Event event) {
        step(event);
        drain();
    }

    void receive(int from, Message message) {
        event(new Event.Received(id(from), message));
    }

    void append(int from, long term, LogPosition previous, List<Entry> entries, long commit) {
        receive(from, new AppendEntries(term, previous, entries, commit));
    }

    void propose(long id) {
        event(new Event.Propose(Ticket.local(id), Payload.of(id)));
    }

    void read(long id) {
        event(new Event.Read(id));
    }

    /** The state machine keeps up with time, unless it is stuck. */
    void passTime(long nanos) {
        if (!machineIsStuck && handed > core.appliedIndex()) {
            step(new Event.Applied(handed));
        }
        now += nanos;
        event(Event.Wake.INSTANCE);
    }

    void jumpWall(long millis) {
        wallSkewMillis += millis;
    }

    long now() {
        return now;
    }

    int unsynced() {
        return unsynced.size();
    }

    /** The oldest write becomes durable; what waited for it leaves. */
    PersistToken sync() {
        PersistToken token = syncSilently();
        event(new Event.Persisted(token));
        return token;
    }

    /** The same, without the core hearing of it yet. */
    PersistToken syncSilently() {
        disk.syncOldest();
        sent.addAll(held.removeFirst());
        return unsynced.removeFirst().token();
    }

    /**
     * A disk without room takes nothing of what it was given, and what waits for it never leaves.
     */
    void refuseUnsynced() {
        disk.refuseUnsynced();
        held.clear();
        unsynced.clear();
    }

    void syncAll() {
        while (!unsynced.isEmpty()) {
            sync();
        }
    }

    /** The process dies; what wasn't synced is lost. */
    CoreProbe restart() {
        return restart(OPTIONS);
    }

    CoreProbe restart(RaftOptions options) {
        return new CoreProbe(nodes.size(), disk.afterCrash(), options);
    }

    SimDisk disk() {
        return disk;
    }

    // ---- what came out of it ----

    /** Takes all messages that left. */
    List<Effect.Send> sent() {
        List<Effect.Send> all = List.copyOf(sent);
        sent.clear();
        return all;
    }

    /** Takes the messages of a kind that left, to whom ever. */
    <T extends Message> List<T> sent(Class<T> kind) {
        return take(kind, null);
    }

    <T extends Message> List<T> sentTo(int server, Class<T> kind) {
        return take(kind, id(server));
    }

    <T extends Message> List<T> sentTo(ReplicaId replica, Class<T> kind) {
        return take(kind, replica);
    }

    private <T extends Message> List<T> take(Class<T> kind, ReplicaId to) {
        List<T> found = new ArrayList<>();
        for (Iterator<Effect.Send> all = sent.iterator(); all.hasNext(); ) {
            Effect.Send send = all.next();
            if (kind.isInstance(send.message()) && (to == null || to.equals(send.to()))) {
                found.add(kind.cast(send.message()));
                all.remove();
            }
        }
        return found;
    }

    /** Takes all effects but sends, in order. */
    List<Effect> effects() {
        List<Effect> all = List.copyOf(effects);
        effects.clear();
        return all;
    }

    <T extends Effect> List<T> effects(Class<T> kind) {
        List<T> found = effects.stream().filter(kind::isInstance).map(kind::cast).toList();
        effects.removeIf(kind::isInstance);
        return found;
    }

    /** Takes the indexes that were given to the state machine. */
    List<Long> applied() {
        return effects(Effect.Apply.class).stream()
                .flatMap(apply -> apply.entries().stream())
                .map(Entry::index)
                .toList();
    }

    @Override
    public void persist(Effect.Persist effect) {
        effects.add(effect);
        disk.append(effect);
        unsynced.addLast(effect);
        held.addLast(new ArrayList<>());
    }

    @Override
    public void send(Effect.Send effect) {
        if (effect.afterPersist() && !held.isEmpty()) {
            held.getLast().add(effect);
        } else {
            sent.add(effect);
        }
    }

    @Override
    public void apply(Effect.Apply effect) {
        handed = effect.entries().get(effect.entries().size() - 1).index();
        effects.add(effect);
    }

    @Override
    public void load(Effect.Load effect) {
        effects.add(effect);
    }

    @Override
    public void admitted(Effect.Admitted effect) {
        effects.add(effect);
    }

    @Override
    public void refused(Effect.Refused effect) {
        effects.add(effect);
    }

    @Override
    public void forward(Effect.Forward effect) {
        effects.add(effect);
    }

    @Override
    public void readReady(Effect.ReadReady effect) {
        effects.add(effect);
    }

    @Override
    public void statesDiffer(Effect.StatesDiffer effect) {
        effects.add(effect);
    }

    @Override
    public void transferAborted(Effect.TransferAborted effect) {
        effects.add(effect);
    }

    @Override
    public void readRefused(Effect.ReadRefused effect) {
        effects.add(effect);
    }

    @Override
    public void changeDone(Effect.ChangeDone effect) {
        effects.add(effect);
    }

    @Override
    public void changeRefused(Effect.ChangeRefused effect) {
        effects.add(effect);
    }

    @Override
    public void configurationChanged(Effect.ConfigurationChanged effect) {
        effects.add(effect);
    }

    @Override
    public void warned(Effect.Warned effect) {
        effects.add(effect);
    }

    @Override
    public void roleChanged(Effect.RoleChanged effect) {
        effects.add(effect);
    }

    @Override
    public void snapshots(Effect.Snapshots effect) {
        effects.add(effect);
    }

    @Override
    public void halt(Effect.Halt effect) {
        effects.add(effect);
    }
}
