package dev.lockstep.raft.core;

import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** One core of a group of three, driven by hand; keeps every effect. */
final class Driven implements Effect.Runner {
    static final ReplicaId N1 = new ReplicaId(NodeId.of("n1"), new UUID(1, 1));
    static final ReplicaId N2 = new ReplicaId(NodeId.of("n2"), new UUID(2, 2));
    static final ReplicaId N3 = new ReplicaId(NodeId.of("n3"), new UUID(3, 3));

    final RaftCore core;
    final List<Effect> effects = new ArrayList<>();
    private long nowNanos;

    /** A founded {@link #N1} with the given log, all of it on disk only. */
    Driven(RaftOptions options, long term, List<LogPosition> terms, long lastIndex) {
        this(options, term, null, terms, lastIndex);
    }

    /** Any replica. */
    Driven(RaftOptions options, RecoveredReplica recovered, List<NodeId> founders) {
        core = new RaftCore(recovered, founders, options, 1, 0);
        drain();
    }

    /** The same, with the log compacted up to a snapshot. */
    Driven(
            RaftOptions options,
            long term,
            SnapshotMeta snapshot,
            List<LogPosition> terms,
            long lastIndex) {
        Founding founding =
                new Founding(new UUID(9, 9), Membership.ofVoters(List.of(N1, N2, N3)), true);
        core =
                new RaftCore(
                        new RecoveredReplica(
                                N1,
                                founding,
                                term == 0 ? HardState.INITIAL : new HardState(term, null),
                                snapshot,
                                snapshot == null ? LogPosition.ZERO : snapshot.position(),
                                terms,
                                lastIndex,
                                0,
                                List.of()),
                        List.of(N1.node(), N2.node(), N3.node()),
                        options,
                        1,
                        0);
        drain();
    }

    void step(Event event) {
        core.step(nowNanos, 0, event);
    }

    void receive(ReplicaId from, Message message) {
        step(new Event.Received(from, message));
    }

    /** Time passes until the core wants to be woken, and it is. */
    void wake() {
        nowNanos = Math.max(nowNanos, core.deadlineNanos());
        step(Event.Wake.INSTANCE);
    }

    void pass(long nanos) {
        nowNanos += nanos;
    }

    /** Runs what is due; a persist is durable at once. */
    List<Effect> drain() {
        int before = effects.size();
        core.drainEffects(this);
        List<Effect> fresh = List.copyOf(effects.subList(before, effects.size()));
        for (Effect effect : fresh) {
            if (effect instanceof Effect.Persist persist) {
                step(new Event.Persisted(persist.token()));
            }
        }
        return fresh.stream().anyMatch(Effect.Persist.class::isInstance) ? join(fresh) : fresh;
    }

    /** Runs what is due; nothing is durable yet. */
    List<Effect> drainWithoutDisk() {
        int before = effects.size();
        core.drainEffects(this);
        return List.copyOf(effects.subList(before, effects.size()));
    }

    private List<Effect> join(List<Effect> fresh) {
        List<Effect> all = new ArrayList<>(fresh);
        all.addAll(drain());
        return all;
    }

    /** Wins an election in the next term by the vote of {@link #N2}. */
    void lead() {
        wake();
        drain();
        receive(N2, new PreVoteReply(core.term() + 1, true));
        drain();
        receive(N2, new VoteReply(core.term(), true));
        if (core.role() != Role.LEADER) {
            throw new AssertionError(core.role());
        }
    }

    static <E> List<E> only(Class<E> type, List<Effect> effects) {
        return effects.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** To whoever lives on the node. */
    static <M> List<M> sent(Class<M> type, NodeId to, List<Effect> effects) {
        return only(Effect.Send.class, effects).stream()
                .filter(send -> send.to().node().equals(to))
                .map(Effect.Send::message)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    static <M> List<M> sent(Class<M> type, ReplicaId to, List<Effect> effects) {
        return only(Effect.Send.class, effects).stream()
                .filter(send -> send.to().equals(to))
                .map(Effect.Send::message)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    @Override
    public void persist(Effect.Persist effect) {
        effects.add(effect);
    }

    @Override
    public void send(Effect.Send effect) {
        effects.add(effect);
    }

    @Override
    public void apply(Effect.Apply effect) {
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
