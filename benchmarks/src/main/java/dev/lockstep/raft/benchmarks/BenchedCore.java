package dev.lockstep.raft.benchmarks;

import dev.lockstep.raft.core.Effect;
import dev.lockstep.raft.core.Event;
import dev.lockstep.raft.core.PersistToken;
import dev.lockstep.raft.core.RaftCore;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One core of three servers, with a disk and a state machine that are done when they are told. */
final class BenchedCore implements Effect.Runner {
    static final ReplicaId SELF = replica(1);
    static final ReplicaId FIRST = replica(2);
    static final ReplicaId SECOND = replica(3);

    /** Small, so that a steady state comes soon: the log must forget as much as it takes in. */
    private static final int CACHE_BYTES = 1 << 20;

    private static final long WALL_MILLIS = 1_700_000_000_000L;

    final RaftCore core;
    private long now = 1;
    private @Nullable PersistToken token;
    private long handed;

    /** Sends and applies seen, for the benchmark to consume. */
    long effects;

    BenchedCore() {
        Founding founding =
                new Founding(
                        new UUID(1, 1), Membership.ofVoters(List.of(SELF, FIRST, SECOND)), true);
        RecoveredReplica empty =
                new RecoveredReplica(
                        SELF,
                        founding,
                        HardState.INITIAL,
                        null,
                        LogPosition.ZERO,
                        List.of(),
                        0,
                        0,
                        List.of());
        core =
                new RaftCore(
                        empty,
                        List.of(SELF.node(), FIRST.node(), SECOND.node()),
                        RaftOptions.defaults().with().cacheBytes(CACHE_BYTES).build(),
                        1,
                        now);
        drain();
    }

    private static ReplicaId replica(int number) {
        return new ReplicaId(NodeId.of("n" + number), new UUID(0, number));
    }

    void receive(ReplicaId from, Message message) {
        step(new Event.Received(from, message));
    }

    void step(Event event) {
        core.step(now, WALL_MILLIS, event);
    }

    void waitForDeadline() {
        now = core.deadlineNanos();
        step(Event.Wake.INSTANCE);
    }

    /** Carries the effects out; the disk has done all by the next drain. */
    void drain() {
        core.drainEffects(this);
    }

    /** The disk is done with what it was given. */
    void sync() {
        if (token != null) {
            PersistToken done = token;
            token = null;
            step(new Event.Persisted(done));
        }
    }

    /** The state machine is done with what it was given. */
    void applied() {
        if (core.appliedIndex() < handed) {
            step(new Event.Applied(handed));
        }
    }

    @Override
    public void persist(Effect.Persist effect) {
        token = effect.token();
        effects++;
    }

    @Override
    public void send(Effect.Send effect) {
        effects++;
    }

    @Override
    public void apply(Effect.Apply effect) {
        handed += effect.entries().size();
        effects++;
    }

    @Override
    public void load(Effect.Load effect) {
        throw new IllegalStateException("nothing is to be read back in a benchmark: " + effect);
    }

    @Override
    public void admitted(Effect.Admitted effect) {
        effects++;
    }

    @Override
    public void refused(Effect.Refused effect) {
        throw new IllegalStateException("nothing is to be refused in a benchmark: " + effect);
    }

    @Override
    public void forward(Effect.Forward effect) {}

    @Override
    public void readReady(Effect.ReadReady effect) {}

    @Override
    public void readRefused(Effect.ReadRefused effect) {}

    @Override
    public void transferAborted(Effect.TransferAborted effect) {}

    @Override
    public void changeDone(Effect.ChangeDone effect) {}

    @Override
    public void changeRefused(Effect.ChangeRefused effect) {}

    @Override
    public void configurationChanged(Effect.ConfigurationChanged effect) {}

    @Override
    public void warned(Effect.Warned effect) {}

    @Override
    public void snapshots(Effect.Snapshots effect) {}

    @Override
    public void statesDiffer(Effect.StatesDiffer effect) {}

    @Override
    public void roleChanged(Effect.RoleChanged effect) {}

    @Override
    public void halt(Effect.Halt effect) {
        throw new IllegalStateException("halted in a benchmark: " + effect.fault());
    }
}
