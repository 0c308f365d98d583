package dev.lockstep.raft.testkit.sim;

import dev.lockstep.raft.spi.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One life of one operating-system process: its event loops live and die together. A restart is
 * another process. What the processes of a machine share, its disk and clock, outlives them.
 */
public final class SimulatedProcess implements Workers {
    private static final long LONGEST_WAIT_NANOS = 60_000_000_000L;

    private final VirtualTime time;
    private final MachineClock clock;
    private final SchedulingDelays delays;
    private final SeededRandom random;
    private final String name;
    private final int number;
    private final List<SimulatedLoop> loops = new ArrayList<>();
    private final List<Runnable> atDeath = new ArrayList<>();
    private boolean alive = true;
    private boolean paused;
    private @Nullable SimulatedLoop running;

    /**
     * @param name the node's, for messages
     * @param number tells this life from every other of the simulation
     */
    public SimulatedProcess(
            VirtualTime time,
            MachineClock clock,
            SchedulingDelays delays,
            String name,
            int number) {
        this.time = time;
        this.clock = clock;
        this.delays = delays;
        this.name = name;
        this.number = number;
        this.random = time.random().fork("process " + name + " " + number);
    }

    @Override
    public SimulatedLoop loop(String loopName) {
        SimulatedLoop loop = new SimulatedLoop(this, loopName);
        loops.add(loop);
        return loop;
    }

    @Override
    public boolean canStall() {
        return false;
    }

    /** Runs the simulation until that is done. Not to be called in an event of it. */
    @Override
    public void await(CompletableFuture<?> done) {
        if (!time.runUntil(done::isDone, LONGEST_WAIT_NANOS)) {
            throw new SimulationError(name + " waited in vain for " + LONGEST_WAIT_NANOS + " ns");
        }
    }

    public MachineClock clock() {
        return clock;
    }

    public String name() {
        return name;
    }

    public boolean alive() {
        return alive;
    }

    public boolean paused() {
        return paused;
    }

    /** Ends the process as SIGKILL does: not one more task of it runs. */
    public void kill() {
        if (alive) {
            alive = false;
            atDeath.forEach(Runnable::run);
        }
    }

    /** Runs the action once the process has died, however it does. */
    public void atDeath(Runnable action) {
        atDeath.add(action);
    }

    /** Stops the process as SIGSTOP does: its clocks go on, its tasks wait. */
    public void pause() {
        paused = true;
    }

    public void resume() {
        if (paused) {
            paused = false;
            loops.forEach(SimulatedLoop::wake);
        }
    }

    /**
     * Runs something in this process, outside of its loops: its main thread.
     *
     * @return false when the process died in it, by a {@link SimulatedCrash}
     */
    public boolean run(Runnable task) {
        if (!alive) {
            return false;
        }
        try {
            task.run();
        } catch (SimulatedCrash crash) {
            kill();
        } catch (RuntimeException | Error error) {
            // A dead process's errors are of no interest: it was cut off in the middle of
            // something.
            if (alive) {
                time.fail(new SimulationError("process " + name, error));
            }
        }
        return alive;
    }

    /** The simulation that it lives in. */
    public VirtualTime time() {
        return time;
    }

    /** Tells this life from every other of the simulation. */
    public int number() {
        return number;
    }

    long handOffNanos() {
        return delays.handOffNanos(random);
    }

    long timerLateNanos() {
        return delays.timerLateNanos(random);
    }

    boolean isRunning(SimulatedLoop loop) {
        return running == loop;
    }

    void runIn(SimulatedLoop loop, Runnable task) {
        SimulatedLoop before = running;
        running = loop;
        try {
            run(task);
        } finally {
            running = before;
        }
    }
}
