package dev.lockstep.raft.core;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One server of a {@link CoreCluster}: a core, driven as the runtime drives it, with a disk and a
 * state machine that take their time.
 */
final class CoreServer implements Effect.Runner, SnapshotWork.Runner {
    ReplicaId id;
    SimDisk disk;
    private SimSnapshots snapshots;
    private final CoreCluster cluster;
    private final List<NodeId> nodes;
    private final RaftOptions options;

    /** Null while it is down. */
    RaftCore core;

    boolean dirty;
    long checkedCommit;
    long handed;
    private long lastIndexBefore;

    /** Sends that wait for each write of the disk's queue. */
    private final ArrayDeque<List<Effect.Send>> waiting = new ArrayDeque<>();

    private final ArrayDeque<PersistToken> tokens = new ArrayDeque<>();
    private final ArrayDeque<Runnable> applying = new ArrayDeque<>();
    private final ArrayDeque<Effect.Load> loads = new ArrayDeque<>();
    private final ArrayDeque<Event.Loaded> loaded = new ArrayDeque<>();

    CoreServer(
            ReplicaId id,
            SimDisk disk,
            CoreCluster cluster,
            List<NodeId> nodes,
            RaftOptions options) {
        this.id = id;
        this.disk = disk;
        this.snapshots = new SimSnapshots(cluster.files, disk);
        disk.owner = id;
        this.cluster = cluster;
        this.nodes = nodes;
        this.options = options;
    }

    boolean isUp() {
        return core != null;
    }

    boolean leads() {
        return isUp() && core.role() == Role.LEADER;
    }

    void start(long seed) {
        core = new RaftCore(disk.recovered(id), nodes, options, seed, cluster.now());
        cluster.checks.restarted(this);
        checkedCommit = disk.snapshotIndex();
        handed = disk.snapshotIndex();
        lastIndexBefore = core.last().index();
        drain();
    }

    void crash(SplittableRandom random) {
        core = null;
        dirty = false;
        disk.crash(random);
        waiting.clear();
        tokens.clear();
        applying.clear();
        loads.clear();
        loaded.clear();
        snapshots.crash();
    }

    /** Its directory is lost while it is down. */
    void wipe(ReplicaId next) {
        id = next;
        disk = new SimDisk(null, HardState.INITIAL, List.of());
        disk.owner = next;
        snapshots = new SimSnapshots(cluster.files, disk);
    }

    void step(Event event) {
        core.step(cluster.now(), 1_000 + cluster.now() / 1_000_000, event);
        if (core.fault() != null) {
            throw new AssertionError(id + " halted: " + core.fault());
        }
        if (core.last().index() < lastIndexBefore) {
            cluster.truncations++;
        }
        lastIndexBefore = core.last().index();
        dirty = true;
        cluster.checks.stepped(this);
    }

    void drain() {
        dirty = false;
        core.drainEffects(this);
        cluster.checks.stepped(this);
    }

    // ---- what takes its time ----

    boolean hasUnsynced() {
        return !tokens.isEmpty();
    }

    /** One sync makes some of the writes durable, oldest first. */
    void sync(int writes) {
        List<PersistToken> durable = new ArrayList<>();
        for (int i = 0; i < writes; i++) {
            disk.syncOldest();
            durable.add(tokens.removeFirst());
            // Judged by what this write left on the disk; the next one may be a later term's.
            waiting.removeFirst().forEach(this::leave);
        }
        for (PersistToken token : durable) {
            step(new Event.Persisted(token));
        }
    }

    int unsynced() {
        return tokens.size();
    }

    boolean isApplying() {
        return !applying.isEmpty();
    }

    void applyOne() {
        applying.removeFirst().run();
    }

    boolean isLoading() {
        return !loads.isEmpty() || !loaded.isEmpty();
    }

    /** Reads one page, or brings one that was read: the log may change in between. */
    void load(boolean bring) {
        if (!loaded.isEmpty() && (bring || loads.isEmpty())) {
            step(loaded.removeFirst());
        } else {
            Effect.Load load = loads.removeFirst();
            List<Entry> page = disk.read(load.from(), load.maxBytes());
            if (page.isEmpty()) {
                return; // truncated since it was asked for
            }
            loaded.addLast(new Event.Loaded(load.from(), page));
            cluster.loads++;
        }
    }

    private void leave(Effect.Send send) {
        cluster.checks.sent(this, send);
        cluster.send(id, send.to(), send.message());
    }

    // ---- effects ----

    @Override
    public void persist(Effect.Persist effect) {
        cluster.checks.written(this, effect);
        disk.append(effect);
        tokens.addLast(effect.token());
        waiting.addLast(new ArrayList<>());
    }

    @Override
    public void send(Effect.Send effect) {
        if (effect.afterPersist() && !waiting.isEmpty()) {
            waiting.getLast().add(effect);
        } else {
            leave(effect);
        }
    }

    @Override
    public void apply(Effect.Apply effect) {
        cluster.checks.applied(this, effect.entries());
        handed += effect.entries().size();
        long upTo = handed;
        applying.addLast(() -> step(new Event.Applied(upTo)));
    }

    boolean hasSnapshotWork() {
        return !snapshots.writes.isEmpty() || !snapshots.news.isEmpty();
    }

    /** Writes something, or tells of what was written. */
    void workOnSnapshots(boolean tell) {
        if (!snapshots.news.isEmpty() && (tell || snapshots.writes.isEmpty())) {
            step(new Event.Snapshots(snapshots.news.removeFirst()));
        } else {
            snapshots.writes.removeFirst().run();
        }
    }

    @Override
    public void snapshots(Effect.Snapshots effect) {
        effect.work().runOn(this);
    }

    @Override
    public void take(SnapshotWork.Take work) {
        cluster.checks.taken(this, work.meta());
        applying.addLast(
                () ->
                        snapshots.writes.addLast(
                                () -> {
                                    if (cluster.fails()) {
                                        snapshots.news.addLast(
                                                new SnapshotNews.Failed(work.meta()));
                                    } else {
                                        snapshots.take(work.meta(), cluster.servers.indexOf(this));
                                        cluster.snapshotsTaken++;
                                    }
                                }));
    }

    @Override
    public void restore(SnapshotWork.Restore work) {
        cluster.checks.restored(this, work.meta());
        handed = work.meta().position().index();
        long upTo = handed;
        applying.addLast(() -> step(new Event.Applied(upTo)));
        cluster.snapshotsInstalled++;
    }

    @Override
    public void sendChunk(SnapshotWork.SendChunk work) {
        cluster.send(id, work.to(), snapshots.read(work));
    }

    @Override
    public void storeChunk(SnapshotWork.StoreChunk work) {
        snapshots.writes.addLast(
                () -> {
                    if (cluster.fails()) {
                        snapshots.news.addLast(new SnapshotNews.Unusable(work.id()));
                    } else {
                        snapshots.store(work);
                    }
                });
    }

    @Override
    public void drop(SnapshotWork.Drop work) {
        snapshots.writes.addLast(() -> snapshots.drop(work.position()));
    }

    @Override
    public void load(Effect.Load effect) {
        loads.addLast(effect);
    }

    @Override
    public void admitted(Effect.Admitted effect) {
        cluster.admitted++;
    }

    @Override
    public void refused(Effect.Refused effect) {
        cluster.refused++;
    }

    @Override
    public void forward(Effect.Forward effect) {
        cluster.send(id, effect.leader(), effect.message());
    }

    @Override
    public void readReady(Effect.ReadReady effect) {
        cluster.checks.readReady(effect.id(), effect.index());
    }

    @Override
    public void statesDiffer(Effect.StatesDiffer effect) {
        throw new AssertionError(effect);
    }

    @Override
    public void transferAborted(Effect.TransferAborted effect) {
        cluster.transfersAborted++;
    }

    @Override
    public void readRefused(Effect.ReadRefused effect) {
        cluster.checks.readRefused(effect.id());
    }

    @Override
    public void changeDone(Effect.ChangeDone effect) {
        cluster.changesDone++;
    }

    @Override
    public void changeRefused(Effect.ChangeRefused effect) {
        cluster.changesRefused++;
    }

    @Override
    public void configurationChanged(Effect.ConfigurationChanged effect) {
        cluster.checks.configured(this, effect);
    }

    @Override
    public void warned(Effect.Warned effect) {}

    @Override
    public void roleChanged(Effect.RoleChanged effect) {
        if (effect.role() == Role.LEADER) {
            cluster.elections++;
        }
    }

    @Override
    public void halt(Effect.Halt effect) {
        throw new AssertionError(id + " halted: " + effect.fault());
    }
}
