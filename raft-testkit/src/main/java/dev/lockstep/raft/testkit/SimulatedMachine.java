package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.node.RaftHost;
import dev.lockstep.raft.spi.RaftListener;
import dev.lockstep.raft.storage.Disk;
import dev.lockstep.raft.storage.FileStorage;
import dev.lockstep.raft.testkit.disk.SimulatedDisk;
import dev.lockstep.raft.testkit.sim.MachineClock;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.SimulatedProcess;
import dev.lockstep.raft.testkit.sim.SimulationError;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One simulated machine: a disk and a clock that stay, and one process after the other, each of
 * which runs the production host on them.
 */
final class SimulatedMachine {
    private static final int SEGMENT_BYTES = 64 << 10;

    private final SimulatedCluster cluster;
    private final VirtualTime time;
    private final NodeId node;
    private final SeededRandom random;
    private final SimulatedDisk disk;
    private final MachineClock clock;
    private int lives;
    private @Nullable SimulatedProcess process;
    private @Nullable RaftGroup group;
    private RegisterMachine registers = new RegisterMachine();
    private boolean storageFailed;

    SimulatedMachine(SimulatedCluster cluster, NodeId node) {
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
        disk.faults().setLatency(plan.disk());
        disk.keepNamesInOrder(plan.namesKeptInOrder());
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

    RegisterMachine registers() {
        return registers;
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

    /** Starts a new process, unless one is running. */
    void boot() {
        if (isUp()) {
            return;
        }
        lives++;
        storageFailed = false;
        time.recent().note(() -> node + " boots");
        SimulatedProcess life =
                new SimulatedProcess(
                        time, clock, cluster.plan().scheduling(), node.value(), cluster.nextLife());
        process = life;
        group = null;
        Disk mounted = disk.mount();
        registers = new RegisterMachine();
        life.run(
                () -> {
                    try {
                        start(life, mounted);
                    } catch (IOException e) {
                        startFailed(e);
                    }
                });
    }

    private void start(SimulatedProcess life, Disk mounted) throws IOException {
        RaftHost host =
                RaftHost.builder()
                        .cluster("simulation")
                        .node(node.value())
                        .peers(cluster.peers())
                        .storage(
                                FileStorage.on(mounted, random.fork("storage " + lives))
                                        .withSegmentBytes(SEGMENT_BYTES))
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
        group = host.open(id.name(), cluster.safety().watch(id, node, registers));
    }

    private void startFailed(IOException error) {
        if (disk.faults().failedSyncs() > 0) {
            time.recent().note(() -> node + " can't start: " + error);
            losePower();
        } else {
            time.fail(new SimulationError(node + " can't start", error));
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

    boolean storageFailed() {
        return storageFailed;
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
            time.recent().note(() -> node + " is " + role + " in term " + term + " of " + leader);
            checker.roleChanged(of, role, term, leader);
        }

        @Override
        public void halted(GroupId of, Fault fault) {
            time.recent().note(() -> node + " halts: " + fault);
            if (fault.code() == Fault.Code.STORAGE_FAILED && disk.faults().failedSyncs() > 0) {
                storageFailed = true;
            } else {
                time.fail(new SimulationError(node + " halted: " + fault));
            }
            checker.halted(of, fault);
        }
    }
}
