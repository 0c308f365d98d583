package dev.lockstep.raft.testkit;

import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.SimulatedProcess;
import dev.lockstep.raft.testkit.sim.VirtualTime;

/** What the nemesis does to processes and to their disks. */
final class MachineFaults {
    private static final long SECOND = 1_000_000_000L;
    private static final long MAX_OPERATIONS_TO_CRASH = 200;
    private static final int MAX_FREE_BYTES = 32 << 10;

    private final SimulatedCluster cluster;
    private final VirtualTime time;
    private final UntilMended until;

    MachineFaults(SimulatedCluster cluster, UntilMended until) {
        this.cluster = cluster;
        this.time = cluster.time();
        this.until = until;
    }

    void end(SimulatedMachine machine, Runnable how, long downNanos) {
        how.run();
        until.later(downNanos, "boot", machine::boot);
    }

    void blackout(SeededRandom dice, long lasts) {
        for (SimulatedMachine machine : cluster.machines()) {
            end(machine, machine::losePower, dice.nextLong(lasts));
        }
    }

    void pause(SimulatedMachine machine, long lasts) {
        SimulatedProcess process = machine.process();
        if (process != null && process.alive()) {
            process.pause();
            until.later(
                    lasts,
                    "resume",
                    () -> {
                        time.recent().note(() -> machine.node() + " goes on");
                        process.resume();
                    });
        }
    }

    void crashInIo(SimulatedMachine machine, SeededRandom dice, long lasts) {
        boolean power = dice.nextBoolean();
        long operations = 1 + dice.nextLong(MAX_OPERATIONS_TO_CRASH);
        machine.disk()
                .faults()
                .crashAfter(
                        operations,
                        () -> {
                            time.sometimes().hit("crash in the middle of I/O");
                            end(machine, power ? machine::losePower : machine::kill, lasts);
                        });
    }

    /**
     * A replica whose disk failed has stopped for good; somebody reboots the machine then, at any
     * time of the run, since a disk may fail in what was asked of it before it was mended.
     */
    void watchStopped() {
        time.after(
                SECOND / 2,
                "operator",
                () -> {
                    for (SimulatedMachine machine : cluster.machines()) {
                        if (machine.isStopped() && machine.isUp()) {
                            machine.losePower();
                            time.after(SECOND, "boot", machine::boot);
                        }
                    }
                    watchStopped();
                });
    }

    void fill(SimulatedMachine machine, SeededRandom dice, long lasts) {
        machine.disk().setCapacity(machine.disk().usedBytes() + dice.nextInt(MAX_FREE_BYTES));
        until.later(lasts, "room", () -> machine.disk().setCapacity(Long.MAX_VALUE));
    }

    void writeProtect(SimulatedMachine machine, long lasts) {
        machine.disk().setReadOnly(true);
        until.later(lasts, "writable", () -> machine.disk().setReadOnly(false));
    }

    void wipe(SimulatedMachine machine, long lasts) {
        machine.damaged();
        end(machine, machine::kill, lasts);
        machine.wipe();
        cluster.safety().wiped(machine.node());
    }
}
