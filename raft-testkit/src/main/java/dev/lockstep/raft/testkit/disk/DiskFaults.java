package dev.lockstep.raft.testkit.disk;

import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.SimulatedCrash;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What goes wrong with a disk, and how slow it is. */
public final class DiskFaults {
    private static final long NEVER = Long.MAX_VALUE;

    private final VirtualTime time;
    private final SeededRandom random;
    private final String disk;
    private final Map<DiskOperation, Long> counts = new EnumMap<>(DiskOperation.class);
    private DiskLatency latency = DiskLatency.NONE;
    private Predicate<String> failingSyncs = file -> false;
    private Predicate<String> failingReads = file -> false;
    private double syncFailureChance;
    private boolean failNextSync;
    private boolean failNextRead;
    private long hangNanos;
    private long failedSyncs;
    private long injected;
    private long refused;
    private long operations;
    private long crashAt = NEVER;
    private DiskOperation crashIn = DiskOperation.LIST;
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

    /** Lets the next read fail. */
    public void failNextRead() {
        failNextRead = true;
    }

    /** Lets the next operation take so much longer. */
    public void hang(long nanos) {
        hangNanos = nanos;
    }

    /** How many operations have failed so far because they were told to. */
    public long injected() {
        return injected;
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
        long takes = latency.nanos(operation, random);
        time.spend(takes + hangNanos);
        hangNanos = 0;
        if (latency.isStuck(takes)) {
            time.sometimes().hit("disk stuck in a sync");
        }
        boolean crashes = operations >= crashAt;
        crashIn = operation;
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
            injected++;
            time.recent().note(() -> "disk " + disk + ": a sync fails");
        }
        return fails;
    }

    boolean readFails(String file) {
        boolean fails = failNextRead || failingReads.test(file);
        failNextRead = false;
        if (fails) {
            injected++;
            time.recent().note(() -> "disk " + disk + ": a read fails");
        }
        return fails;
    }

    /** What is refused so must stop nobody. */
    void full() {
        refused++;
        time.recent().note(() -> "disk " + disk + " is full");
    }

    void readOnly() {
        refused++;
        time.recent().note(() -> "disk " + disk + " is read-only");
    }

    /** How many operations were refused so far for want of room. */
    public long refused() {
        return refused;
    }

    /** Nothing goes wrong from now on. */
    public void clear() {
        failNextSync = false;
        failNextRead = false;
        hangNanos = 0;
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
        time.sometimes().hit("crash in " + crashIn);
        die("operation " + at);
        onCrash.run();
        onCrash = () -> {};
        throw new SimulatedCrash("disk " + disk + ", operation " + at);
    }
}
