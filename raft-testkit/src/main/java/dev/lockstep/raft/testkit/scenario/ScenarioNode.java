package dev.lockstep.raft.testkit.scenario;

import dev.lockstep.raft.core.Effect;
import dev.lockstep.raft.core.Event;
import dev.lockstep.raft.core.PersistToken;
import dev.lockstep.raft.core.RaftCore;
import dev.lockstep.raft.core.SnapshotWork;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One core with a disk that becomes durable only when the scenario says so, and messages that wait
 * until the scenario delivers them.
 */
final class ScenarioNode implements Effect.Runner {
    private static final long MILLI = 1_000_000;

    /** What the disk holds. */
    private final List<Entry> durable = new ArrayList<>();

    private LogPosition base = LogPosition.ZERO;
    private final ScenarioSnapshots snapshots;

    private final ReplicaId id;
    private final List<NodeId> nodes;
    private final RaftOptions options;
    private final ArrayDeque<Effect.Persist> unsynced = new ArrayDeque<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private final List<String> output = new ArrayList<>();
    private final List<Posted> outbox = new ArrayList<>();
    private final ArrayDeque<Effect.Load> loads = new ArrayDeque<>();
    private @Nullable Founding founding;
    private HardState hardState;
    private Effect.@Nullable ConfigurationChanged configuration;
    private RaftCore core;
    private long nowMillis;
    private int persists;
    private int lives;

    /** A message on its way. */
    record Posted(ReplicaId from, ReplicaId to, Message message) {}

    /** A message that leaves once so many persists are durable. */
    private record Waiting(int persists, Effect.Send send) {}

    ScenarioNode(
            ReplicaId id,
            List<NodeId> nodes,
            RaftOptions options,
            @Nullable Founding founding,
            HardState hardState,
            List<Entry> log,
            Map<SnapshotId, SnapshotMeta> files) {
        this.id = id;
        this.nodes = nodes;
        this.options = options;
        this.founding = founding;
        this.hardState = hardState;
        this.snapshots =
                new ScenarioSnapshots(nodes.indexOf(id.node()) + 1, files, this::say, this::post);
        durable.addAll(log);
        core = recover();
    }

    ReplicaId id() {
        return id;
    }

    RaftCore core() {
        return core;
    }

    /** Messages that have left and were not delivered. */
    List<Posted> outbox() {
        return outbox;
    }

    boolean hasUnsynced() {
        return !unsynced.isEmpty();
    }

    /** Lets something happen; the answer says what came of it. */
    String step(Event event) {
        core.step(nowMillis * MILLI, nowMillis, event);
        return drain();
    }

    String advance(long millis) {
        nowMillis += millis;
        return step(Event.Wake.INSTANCE);
    }

    /** Time goes on until the core's own deadline. */
    String timeout() {
        long deadline = core.deadlineNanos();
        if (deadline == RaftCore.NO_DEADLINE) {
            throw new IllegalArgumentException(id.node() + " waits for no time");
        }
        nowMillis = Math.max(nowMillis, (deadline + MILLI - 1) / MILLI);
        return step(Event.Wake.INSTANCE);
    }

    /** The oldest persist, or all of them, become durable. */
    String persisted(boolean all) {
        if (unsynced.isEmpty()) {
            throw new IllegalArgumentException(id.node() + " has nothing to make durable");
        }
        List<String> lines = new ArrayList<>();
        do {
            lines.add(persistOne());
        } while (all && !unsynced.isEmpty());
        return join(lines);
    }

    private String persistOne() {
        Effect.Persist done = unsynced.removeFirst();
        write(done);
        persists++;
        waiting.removeIf(
                sent -> {
                    if (sent.persists > persists) {
                        return false;
                    }
                    post(sent.send);
                    return true;
                });
        return step(new Event.Persisted(done.token()));
    }

    private void write(Effect.Persist persist) {
        if (persist.founding() != null) {
            founding = persist.founding();
        }
        if (persist.hardState() != null) {
            hardState = persist.hardState();
        }
        if (persist.truncateFrom() != 0) {
            durable.removeIf(entry -> entry.index() >= persist.truncateFrom());
        }
        LogPosition newBase = persist.base();
        if (newBase != null) {
            durable.removeIf(entry -> entry.index() <= newBase.index());
            base = newBase;
        }
        durable.addAll(persist.entries());
    }

    boolean hasUnwritten() {
        return snapshots.isWaiting();
    }

    /** The oldest that is to be written of snapshots is, or can't be. */
    String written(boolean well) {
        if (!snapshots.isWaiting()) {
            throw new IllegalArgumentException(id.node() + " has nothing to write");
        }
        return step(new Event.Snapshots(snapshots.written(well)));
    }

    /** A token comes again, or one that was kept back: what a slow disk may answer at any time. */
    String attest(LogPosition last, long term) {
        return step(new Event.Persisted(new PersistToken(term, last)));
    }

    /** The disk answers a load with what it holds now. */
    String loaded(long from, int count) {
        int first = (int) (from - base.index()) - 1;
        loads.removeIf(load -> load.from() == from);
        int end = Math.min(durable.size(), first + count);
        return step(new Event.Loaded(from, List.copyOf(durable.subList(first, end))));
    }

    boolean hasLoads() {
        return !loads.isEmpty();
    }

    /** The disk answers the oldest load with all that it holds. */
    String loadOne() {
        return loaded(loads.remove().from(), durable.size());
    }

    /** What a restart would find. */
    String disk() {
        return id.node()
                + ": "
                + hardState.term()
                + (base.index() == 0 ? "" : " behind " + base)
                + " "
                + EffectText.entries(durable);
    }

    /** The configuration that it told of last, which is in force there. */
    String members() {
        Effect.ConfigurationChanged told = configuration;
        return id.node() + ": " + (told == null ? "none" : text(told));
    }

    /** The process dies and comes back with what is durable. */
    String restart() {
        unsynced.clear();
        waiting.clear();
        outbox.clear();
        loads.clear();
        persists = 0;
        snapshots.restarted();
        core = recover();
        return drain();
    }

    private RaftCore recover() {
        lives++;
        SnapshotMeta snapshot = snapshots.newest();
        if (snapshot != null
                && !snapshot.position().equals(base)
                && durable.stream()
                        .noneMatch(entry -> entry.position().equals(snapshot.position()))) {
            durable.clear();
            base = snapshot.position();
        }
        List<LogPosition> terms = new ArrayList<>();
        long timestamp = snapshot == null ? 0 : snapshot.timestampMillis();
        for (Entry entry : durable) {
            if (terms.isEmpty() || terms.get(terms.size() - 1).term() != entry.term()) {
                terms.add(entry.position());
            }
            timestamp = Math.max(timestamp, entry.timestampMillis());
        }
        RecoveredReplica recovered =
                new RecoveredReplica(
                        id,
                        founding,
                        hardState,
                        snapshot,
                        base,
                        terms,
                        base.index() + durable.size(),
                        timestamp,
                        durable.stream().filter(e -> e.kind() == EntryKind.CONFIGURATION).toList());
        return new RaftCore(recovered, nodes, options, lives, nowMillis * MILLI);
    }

    String drain() {
        core.drainEffects(this);
        String lines = join(output);
        output.clear();
        return lines;
    }

    private String join(List<String> lines) {
        return String.join("\n", lines.stream().filter(line -> !line.isEmpty()).toList());
    }

    private void say(String what) {
        output.add(id.node() + ": " + what);
    }

    private void post(SnapshotWork.SendChunk work, SnapshotChunk chunk) {
        say("send " + EffectText.node(work.to()) + " " + EffectText.of(chunk));
        outbox.add(new Posted(id, work.to(), chunk));
    }

    private void post(Effect.Send send) {
        outbox.add(new Posted(id, send.to(), send.message()));
    }

    @Override
    public void persist(Effect.Persist effect) {
        unsynced.addLast(effect);
        say(EffectText.of(effect));
    }

    @Override
    public void send(Effect.Send effect) {
        say(EffectText.of(effect));
        if (effect.afterPersist() && !unsynced.isEmpty()) {
            waiting.add(new Waiting(persists + unsynced.size(), effect));
        } else {
            post(effect);
        }
    }

    @Override
    public void apply(Effect.Apply effect) {
        say("apply " + EffectText.entries(effect.entries()));
    }

    @Override
    public void load(Effect.Load effect) {
        loads.add(effect);
        say("load from=" + effect.from());
    }

    @Override
    public void admitted(Effect.Admitted effect) {
        say("admitted " + EffectText.of(effect.ticket()) + " at " + effect.at());
    }

    @Override
    public void refused(Effect.Refused effect) {
        say("refused " + EffectText.of(effect.ticket()) + " " + effect.reason());
    }

    @Override
    public void forward(Effect.Forward effect) {
        say("forward " + EffectText.node(effect.leader()) + " " + EffectText.of(effect.message()));
        outbox.add(new Posted(id, effect.leader(), effect.message()));
    }

    @Override
    public void readReady(Effect.ReadReady effect) {
        String how = effect.lease() == null ? "" : " by lease";
        say("read #" + effect.id() + " may run at " + effect.index() + how);
    }

    @Override
    public void statesDiffer(Effect.StatesDiffer effect) {
        say("states differ at " + effect.index());
    }

    @Override
    public void transferAborted(Effect.TransferAborted effect) {
        say("transfer #" + effect.id() + " aborted: " + effect.reason());
    }

    @Override
    public void readRefused(Effect.ReadRefused effect) {
        say("read #" + effect.id() + " refused");
    }

    @Override
    public void changeDone(Effect.ChangeDone effect) {
        say("change #" + effect.id() + " done at " + effect.index());
    }

    @Override
    public void changeRefused(Effect.ChangeRefused effect) {
        say("change #" + effect.id() + " refused: " + effect.reason());
    }

    @Override
    public void configurationChanged(Effect.ConfigurationChanged effect) {
        configuration = effect;
        if (effect.index() > 0) { // that of the founding is told at every start
            say("configuration " + text(effect));
        }
    }

    private static String text(Effect.ConfigurationChanged told) {
        return "at "
                + told.index()
                + " "
                + EffectText.of(told.membership())
                + (told.committed() ? " committed" : "");
    }

    @Override
    public void warned(Effect.Warned effect) {
        say("warned " + (effect.fault() == null ? "no more" : effect.fault().code()));
    }

    @Override
    public void roleChanged(Effect.RoleChanged effect) {
        say(
                effect.role()
                        + " term="
                        + effect.term()
                        + " leader="
                        + EffectText.node(effect.leader()));
    }

    @Override
    public void snapshots(Effect.Snapshots effect) {
        effect.work().runOn(snapshots);
    }

    @Override
    public void halt(Effect.Halt effect) {
        say("halt " + effect.fault().code());
    }
}
