package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.node.RaftHost;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.storage.Disk;
import dev.lockstep.raft.storage.FileStorage;
import dev.lockstep.raft.testkit.disk.SimulatedDisk;
import dev.lockstep.raft.testkit.sim.MachineClock;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.SimulatedProcess;
import dev.lockstep.raft.testkit.sim.SimulationError;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One simulated machine: a disk and a clock that stay, and one process after the other, each of
 * which runs the production host on them.
 */
final class SimulatedMachine {
    private static final int SEGMENT_BYTES = 64 << 10;

    /** Little enough that busy worlds come to the bound. */
    private static final int LOG_BYTES = 12 * SEGMENT_BYTES;

    /** What a replica with a damaged disk may say. */
    private static final Set<Fault.Code> DAMAGE =
            EnumSet.of(
                    Fault.Code.AMNESIA,
                    Fault.Code.LOG_REVERTED,
                    Fault.Code.INCOMPATIBLE_VERSION,
                    Fault.Code.WRONG_DIRECTORY,
                    Fault.Code.LOG_CORRUPT,
                    Fault.Code.SNAPSHOT_CORRUPT,
                    Fault.Code.LOG_GAP,
                    Fault.Code.STORAGE_FAILED);

    private final SimulatedCluster cluster;
    private final VirtualTime time;
    private final NodeId node;

    /** Null for a witness. */
    private final @Nullable Supplier<StateMachine> application;

    private final SeededRandom random;
    private final SimulatedDisk disk;

    /** What the application keeps durably itself; null when it doesn't. */
    private final @Nullable SimulatedStore store;

    private final MachineClock clock;
    private int lives;
    private @Nullable SimulatedProcess process;
    private @Nullable RaftGroup group;
    private @Nullable FlippableMachine machine;
    private long injectedBefore;
    private long refusedBefore;

    /** Whether it says that its disk is full. */
    private boolean isFull;

    private boolean stopped;

    /** Whether its replica was taken up in the present life. */
    private boolean running;

    private boolean held;
    private boolean damaged;

    /** Whether it was emptied once: old configurations may name what it was before. */
    private boolean rebuilt;

    private boolean lost;
    private boolean amnesiac;

    /** The index of the configuration that its replica was at last told to be in. */
    private long configuration;

    private boolean everFlipped;
    private boolean founded;
    private boolean nextVersion;

    SimulatedMachine(
            SimulatedCluster cluster, NodeId node, @Nullable Supplier<StateMachine> application) {
        this.application = application;
        this.cluster = cluster;
        this.time = cluster.time();
        this.node = node;
        this.random = time.random().fork("machine " + node);
        this.disk = new SimulatedDisk(time, node.value());
        FaultPlan plan = cluster.plan();
        long drift = plan.maxDriftPpm();
        this.clock =
                new MachineClock(
                        time,
                        random.nextLong(1L << 61) - (1L << 60),
                        drift == 0 ? 0 : random.nextLong(-drift, drift + 1),
                        drift == 0 ? 0 : random.nextLong(-100_000, 100_000));
        this.store =
                plan.ownState()
                        ? new SimulatedStore(random.fork("own state"), time.sometimes())
                        : null;
        if (drift > 0) {
            time.sometimes().hit("clock that drifts");
        }
        disk.faults().setLatency(plan.disk());
        disk.keepNamesInOrder(plan.namesKeptInOrder());
        disk.copyOnWrite(plan.copyOnWrite());
    }

    NodeId node() {
        return node;
    }

    SimulatedDisk disk() {
        return disk;
    }

    MachineClock clock() {
        return clock;
    }

    boolean isWitness() {
        return application == null;
    }

    /** The application's state in the present life. */
    StateMachine machine() {
        return Objects.requireNonNull(machine);
    }

    boolean isUp() {
        return process != null && process.alive();
    }

    /** Whether a client in this process could do something now. */
    boolean isResponsive() {
        return process != null && process.alive() && !process.paused() && group != null;
    }

    @Nullable SimulatedProcess process() {
        return process;
    }

    @Nullable RaftGroup group() {
        return group;
    }

    boolean leads() {
        RaftGroup open = group;
        return isUp() && open != null && open.status().role() == Role.LEADER;
    }

    /** Whether it leads and says that it needs witnesses. */
    boolean runsOnWitness() {
        RaftGroup open = group;
        return isUp() && open != null && open.status().runsOnWitness();
    }

    /** Keeps it from booting, or lets it again. */
    void hold(boolean down) {
        held = down;
    }

    /** A bit of its state is another from now on, until it boots again. */
    void flip(long bits) {
        if (isUp() && machine != null) {
            everFlipped = true;
            machine.flip(bits);
        }
    }

    boolean isFlipped() {
        return machine != null && machine.isFlipped();
    }

    /** Its disk was damaged: it may refuse to start or to go on, by name, and is lost then. */
    void damaged() {
        damaged = true;
    }

    boolean isDamaged() {
        return damaged;
    }

    /** It has refused for good, after its disk was damaged, or was taken out of service. */
    boolean isLost() {
        return lost;
    }

    /** Ends it for good. */
    void retire() {
        kill();
        lost = true;
    }

    /** Ends it and empties its disk, when it is no member any more: another replica comes back. */
    void rebuild() {
        kill();
        wipe();
        cluster.safety().wiped(node);
        rebuilt = true;
    }

    /** Whether the group knows its node under another incarnation, since it was wiped. */
    boolean isAmnesiac() {
        return amnesiac;
    }

    /** Whether it has been more than a founder once. */
    boolean isFounded() {
        return founded;
    }

    /** Whether it speaks the wire format of the next version, in the present life. */
    boolean isNextVersion() {
        return nextVersion;
    }

    /** Starts a new process, unless one is running. */
    void boot() {
        if (isUp() || held || lost) {
            return;
        }
        lives++;
        if (cluster.plan().upgrades()) {
            upgrade(random.fork("version " + lives).nextBoolean());
        }
        stopped = false;
        running = false;
        amnesiac = false;
        configuration = 0;
        injectedBefore = disk.faults().injected();
        refusedBefore = disk.faults().refused();
        isFull = false;
        time.recent().note(() -> node + " boots");
        SimulatedProcess life =
                new SimulatedProcess(
                        time, clock, cluster.plan().scheduling(), node.value(), cluster.nextLife());
        process = life;
        group = null;
        Disk mounted = disk.mount();
        machine = application == null ? null : machine(application);
        life.run(
                () -> {
                    try {
                        start(life, mounted);
                    } catch (IOException e) {
                        stoppedBy(faultOf(e), e);
                    }
                });
    }

    private FlippableMachine machine(Supplier<StateMachine> application) {
        if (store == null) {
            return new FlippableMachine(application.get());
        }
        store.crash();
        return new FlippableDurableMachine(new StoredMachine(application, store));
    }

    /** Replaces its disk by an empty one, on which the application's own state was, too. */
    void wipe() {
        disk.wipe();
        if (store != null) {
            store.clear();
        }
    }

    private void upgrade(boolean toNext) {
        if (lives > 1 && toNext != nextVersion) {
            time.sometimes().hit(toNext ? "upgraded in a restart" : "downgraded in a restart");
        }
        nextVersion = toNext;
    }

    private void start(SimulatedProcess life, Disk mounted) throws IOException {
        RaftHost host =
                RaftHost.builder()
                        .cluster("simulation")
                        .node(node.value())
                        .peers(cluster.peers())
                        .storage(
                                cluster.safety()
                                        .watch(
                                                node,
                                                FileStorage.on(
                                                                mounted,
                                                                random.fork("storage " + lives))
                                                        .withSegmentBytes(SEGMENT_BYTES)
                                                        .withLogBytes(LOG_BYTES)))
                        .transport(
                                cluster.network().transport(node, life, cluster.plan().lendsLoop()))
                        .workers(life)
                        .clock(clock)
                        .seed(random.fork("host " + lives).nextLong())
                        .applyThreads(1)
                        .options(cluster.options())
                        .listener(new FaultWatch(cluster.safety().listener(node)))
                        .start();
        GroupId id = SimulatedCluster.GROUP;
        StateMachine own = machine;
        group =
                own == null
                        ? host.openWitness(id.name(), cluster.founders())
                        : host.open(
                                id.name(),
                                cluster.founders(),
                                cluster.safety().watch(id, node, own));
    }

    /** Whether an operation of this life was refused for want of room. */
    private boolean isShortOfRoom() {
        return disk.faults().refused() > refusedBefore;
    }

    private static Fault faultOf(IOException e) {
        return e instanceof StorageException named
                ? named.fault()
                : new Fault(Fault.Code.STORAGE_FAILED, String.valueOf(e.getMessage()));
    }

    /** It may not stop by itself, but for a disk that was told to fail, or was damaged. */
    private void stoppedBy(Fault fault, Throwable error) {
        boolean disturbed = disk.faults().injected() > injectedBefore;
        if (damaged && DAMAGE.contains(fault.code())) {
            // What is found in the midst of a life, the next one finds at its start, and goes on.
            boolean again =
                    fault.code() == Fault.Code.STORAGE_FAILED && disturbed
                            || fault.code() == Fault.Code.LOG_CORRUPT && running;
            time.sometimes().hit("damaged disk refused: " + fault.code());
            time.recent().note(() -> node + " refuses: " + fault);
            lost |= !again;
            stopped = true;
        } else if (fault.code() == Fault.Code.DISK_FULL && !running && isShortOfRoom()) {
            // Where not even what was written before is written again; who runs goes on without.
            time.sometimes().hit("full disk: not started");
            time.recent().note(() -> node + " doesn't start: " + fault);
            stopped = true;
        } else if (fault.code() == Fault.Code.STORAGE_FAILED && disturbed) {
            time.sometimes().hit("stopped by a failing disk");
            time.recent().note(() -> node + " stops: " + fault);
            stopped = true;
        } else if (fault.code() == Fault.Code.STATE_DIVERGED && everFlipped) {
            // Maybe by what was found before a snapshot took the place of that state.
            time.sometimes().hit("diverged replica stopped");
            time.recent().note(() -> node + " stops: " + fault);
            stopped = true;
        } else {
            time.fail(new SimulationError(node + " stopped: " + fault, error));
        }
    }

    /** SIGKILL. */
    void kill() {
        time.recent().note(() -> node + " is killed");
        end();
        disk.kill();
    }

    /** The machine loses its power, and what its disk hadn't synced. */
    void losePower() {
        time.recent().note(() -> node + " loses power");
        end();
        disk.losePower();
    }

    private void end() {
        if (process != null) {
            process.kill();
        }
    }

    /** Whether its process has given up, and waits for somebody to end it. */
    boolean isStopped() {
        return stopped;
    }

    /** Hears of replicas that stop; but for a disk that was told to fail, none may. */
    private final class FaultWatch implements RaftListener {
        private final RaftListener checker;

        FaultWatch(RaftListener checker) {
            this.checker = checker;
        }

        @Override
        public void roleChanged(GroupId of, Role role, long term, @Nullable NodeId leader) {
            time.trace().add(term * 31 + role.name().hashCode());
            running = true;
            founded |= role != Role.FOUNDING && role != Role.HALTED;
            if (role == Role.LEADER && !cluster.isFounder(SimulatedMachine.this)) {
                time.sometimes().hit("spare host leads");
            }
            time.recent().note(() -> node + " is " + role + " in term " + term + " of " + leader);
            checker.roleChanged(of, role, term, leader);
        }

        @Override
        public void statesDiffer(GroupId of, long index, String evidence) {
            time.sometimes().hit("states differ");
            time.recent().note(() -> "states differ at " + index + ": " + evidence);
            if (cluster.machines().stream().noneMatch(other -> other.everFlipped)) {
                time.fail(new SimulationError("states differ at " + index + ": " + evidence));
            }
        }

        @Override
        public void warned(GroupId of, @Nullable Fault fault) {
            time.recent().note(() -> node + " is warned: " + fault);
            boolean disturbed = disk.faults().injected() > injectedBefore;
            boolean repairs = fault != null && fault.message().contains("asked for at the other");
            if (fault != null && !damaged && !rebuilt && !(repairs && disturbed)) {
                time.fail(new SimulationError(node + " is warned of " + fault));
            }
            if (repairs) {
                time.sometimes().hit("damaged entries found");
            } else if (fault != null) {
                time.sometimes().hit("wiped node is warned of its amnesia");
            } else {
                time.sometimes()
                        .hit(
                                amnesiac
                                        ? "wiped node is a member again"
                                        : "damaged entries repaired");
            }
            amnesiac = fault != null && !repairs;
        }

        @Override
        public void configurationChanged(GroupId of, Configuration now) {
            time.trace().add(now.index() * 31 + (now.committed() ? 1 : 0));
            time.recent().note(() -> node + " has " + now);
            if (now.index() < configuration) {
                time.sometimes().hit("configuration taken back");
            }
            configuration = now.index();
            if (now.membership().isJoint()) {
                time.sometimes()
                        .hit(
                                now.committed()
                                        ? "joint configuration committed"
                                        : "joint configuration");
            }
            checker.configurationChanged(of, now);
        }

        @Override
        public void runsOnWitness(GroupId of, boolean now) {
            time.recent().note(() -> node + (now ? " runs" : " doesn't run") + " on the witness");
            checker.runsOnWitness(of, now);
        }

        @Override
        public void sleeps(GroupId of, boolean now) {
            time.trace().add(now ? 1 : 0);
            time.recent().note(() -> node + (now ? " sleeps" : " wakes"));
            time.sometimes().hit((leads() ? "leader " : "follower ") + (now ? "sleeps" : "wakes"));
        }

        @Override
        public void hostSuspected(NodeId host, int sleepers) {
            time.recent().note(() -> node + " suspects " + host);
            time.sometimes().hit("sleeper suspects the host of its leader");
        }

        @Override
        public void diskFull(@Nullable Fault fault) {
            time.recent().note(() -> node + (fault == null ? " has room again" : ": " + fault));
            if (fault != null && !isShortOfRoom()) {
                time.fail(new SimulationError(node + " has room and says: " + fault));
            }
            if (fault == null && isFull) {
                time.sometimes().hit("full disk: goes on without a restart");
            }
            isFull = fault != null;
            time.sometimes()
                    .hit(
                            fault == null
                                    ? "full disk: room again"
                                    : leads() ? "full disk: of a leader" : "full disk: of another");
            checker.diskFull(fault);
        }

        @Override
        public void snapshotTaken(GroupId of, LogPosition at) {
            time.recent().note(() -> node + " has a snapshot of " + at);
            checker.snapshotTaken(of, at);
        }

        @Override
        public void snapshotFailed(GroupId of, LogPosition at, Throwable why) {
            time.recent().note(() -> node + " has no snapshot of " + at + ": " + why);
            checker.snapshotFailed(of, at, why);
        }

        @Override
        public void snapshotInstalled(GroupId of, LogPosition at) {
            time.recent().note(() -> node + " installs a snapshot of " + at);
            checker.snapshotInstalled(of, at);
        }

        @Override
        public void halted(GroupId of, Fault fault) {
            time.recent().note(() -> node + " halts: " + fault);
            stoppedBy(fault, new SimulationError("it halted"));
            checker.halted(of, fault);
        }
    }
}
