package dev.lockstep.raft.testkit.disk;

import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.SimulatedCrash;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What goes wrong with a disk, and how slow it is. */
public final class DiskFaults {
    private static final long NEVER = Long.MAX_VALUE;

    private final VirtualTime time;
    private final SeededRandom random;
    private final String disk;
    private final Map<DiskOperation, Long> counts = new TreeMap<>();
    private DiskLatency latency = DiskLatency.NONE;
    private Predicate<String> failingSyncs = file -> false;
    private Predicate<String> failingReads = file -> false;
    private double syncFailureChance;
    private boolean failNextSync;
    private long failedSyncs;
    private long operations;
    private long crashAt = NEVER;
    private Runnable onCrash = () -> {};
    private @Nullable String death;

    DiskFaults(VirtualTime time, SeededRandom random, String disk) {
        this.time = time;
        this.random = random;
        this.disk = disk;
    }

    public void setLatency(DiskLatency now) {
        latency = now;
    }

    /**
     * Lets every sync of the files fail that the predicate names; the directory's name is empty.
     */
    public void failSyncs(Predicate<String> files) {
        failingSyncs = files;
    }

    /** Lets every read of the files fail that the predicate names. */
    public void failReads(Predicate<String> files) {
        failingReads = files;
    }

    /** Lets the next sync fail. */
    public void failNextSync() {
        failNextSync = true;
    }

    /** Lets each sync fail with that probability. */
    public void setSyncFailureChance(double chance) {
        syncFailureChance = chance;
    }

    /**
     * Kills the process in one of its next operations, before, after or in the middle of it, by a
     * {@link SimulatedCrash}.
     *
     * @param operations 1 is the next one
     * @param action runs at that moment, before the crash is thrown, so that nothing else of that
     *     life runs
     */
    public void crashAfter(long operations, Runnable action) {
        crashAt = this.operations + operations;
        onCrash = action;
    }

    /** How many operations there were so far, in all lives. */
    public long operations() {
        return operations;
    }

    public long count(DiskOperation operation) {
        return counts.getOrDefault(operation, 0L);
    }

    /** Whether this operation is the one to crash in, and has yet to be done or begun. */
    boolean before(DiskOperation operation, String file) {
        String dead = death;
        if (dead != null) {
            throw new SimulatedCrash("disk " + disk + ", " + dead);
        }
        operations++;
        counts.merge(operation, 1L, Long::sum);
        time.trace().add(operation.name().hashCode() + 31L * file.hashCode());
        time.spend(latency.nanos(operation, random));
        boolean crashes = operations >= crashAt;
        if (crashes && random.nextBoolean() || crashes && operation == DiskOperation.READ) {
            crash();
        }
        return crashes;
    }

    void after(boolean crashes) {
        if (crashes) {
            crash();
        }
    }

    /** How many syncs have failed so far. */
    public long failedSyncs() {
        return failedSyncs;
    }

    boolean syncFails(String file) {
        boolean fails =
                failNextSync
                        || failingSyncs.test(file)
                        || syncFailureChance > 0 && random.chance(syncFailureChance);
        failNextSync = false;
        if (fails) {
            failedSyncs++;
            time.recent().note(() -> "disk " + disk + ": a sync fails");
        }
        return fails;
    }

    boolean readFails(String file) {
        return failingReads.test(file);
    }

    /** Nothing goes wrong from now on. */
    public void clear() {
        failNextSync = false;
        failingSyncs = file -> false;
        failingReads = file -> false;
        syncFailureChance = 0;
        crashAt = NEVER;
    }

    void die(String how) {
        death = how;
        crashAt = NEVER;
    }

    void revive() {
        death = null;
    }

    private void crash() {
        long at = operations;
        die("operation " + at);
        onCrash.run();
        onCrash = () -> {};
        throw new SimulatedCrash("disk " + disk + ", operation " + at);
    }
}
