package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.model.WrittenLog;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.RaftMetrics;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the writes of all groups durable, in order, in a loop of its own. Whatever came while one
 * sync ran is appended together and shares the next.
 *
 * <p>On a full disk a write with entries is refused, and so is all that its replica has sent behind
 * it: the replica decides anew, and what brings no entries goes into the log's reserve. What the
 * reserve doesn't take waits here until there is room, for which this looks again and again.
 */
final class LogWriter {
    private final LogStore store;
    private final EventLoop logLoop;
    private final Clock clock;
    private final long lookNanos;
    private final Watch watch;
    private final RaftMetrics metrics;
    private final Supplier<FlightRecorder.Span> spans;
    private final ConcurrentLinkedQueue<Job> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();

    /** Not appended yet. */
    private final ArrayDeque<Job> waiting = new ArrayDeque<>();

    /** Appended, and not known to be durable. */
    private final List<Job> unsynced = new ArrayList<>();

    /** To be told once what was appended before is durable. */
    private final List<Refused> refused = new ArrayList<>();

    private boolean looks;
    private boolean goesOn;
    private volatile @Nullable Fault broken;

    /** How many were taken from the queue and are not known to be durable. */
    private volatile int inHand;

    /** When the oldest of those was asked for; meaningful while there are some. */
    private volatile long oldestInHandNanos;

    /**
     * One replica's write.
     *
     * @param lane the replica's
     * @param told of how many refusals it knew
     * @param queuedNanos when it was asked for
     * @param whenDurable what it asked to hear once that is durable
     * @param whenRefused what it asked to hear, instead, where there is no room for it; for those
     *     behind it nothing is told
     */
    record Job(
            ReplicaWrite write,
            Lane lane,
            int told,
            long queuedNanos,
            Runnable whenDurable,
            Consumer<WrittenLog> whenRefused) {
        /** What is left to be written where there was room for a part of it. */
        Job without(WrittenLog taken) {
            boolean isCut = write.truncateFrom() > taken.lastIndex();
            ReplicaWrite rest =
                    new ReplicaWrite(
                            write.group(),
                            write.founding(),
                            write.hardState(),
                            isCut ? 0 : write.truncateFrom(), // it would reach beyond the log now
                            write.base(),
                            write.copies(),
                            write.entries());
            return new Job(rest, lane, told, queuedNanos, whenDurable, whenRefused);
        }
    }

    /** A job for which there was no room, and what was written of its replica. */
    record Refused(Job job, WrittenLog log) {}

    /** Which writes of one replica come after a refusal of which it didn't know yet. */
    static final class Lane {
        /** Owned by the log's loop. */
        private int refusals;

        /** Owned by the host's loop. */
        private int told;

        int told() {
            return told;
        }

        void tell() {
            told++;
        }
    }

    /** Called in the log's loop. */
    interface Watch {
        /**
         * The sync of these has returned; those were refused.
         *
         * @param full why there is no room for entries from now on; null when there is
         */
        void written(List<Job> durable, List<Refused> refused, @Nullable DiskFullException full);

        /** Not even the reserve has room; what waits is tried again. */
        void full(DiskFullException why);

        /** The disk has failed; nothing is durable from there on. Told at each later job, too. */
        void failed(Fault fault);
    }

    /**
     * @param lookNanos how often to look for room while the disk is full
     * @param spans gives one to each append with its sync
     */
    LogWriter(
            LogStore store,
            EventLoop logLoop,
            Clock clock,
            long lookNanos,
            Watch watch,
            RaftMetrics metrics,
            Supplier<FlightRecorder.Span> spans) {
        this.store = store;
        this.logLoop = logLoop;
        this.clock = clock;
        this.lookNanos = lookNanos;
        this.watch = watch;
        this.metrics = metrics;
        this.spans = spans;
    }

    /** To be called once. The store may have been opened on a full disk. */
    void start() {
        logLoop.execute(
                () -> {
                    if (store.diskFull() != null) {
                        writeWaiting(false);
                    }
                });
    }

    /** Takes a job. It is written after {@link #kick}. */
    void add(Job job) {
        queue.add(job);
    }

    void kick() {
        if (!queue.isEmpty() && scheduled.compareAndSet(false, true)) {
            logLoop.execute(this::write);
        }
    }

    /** How many writes are not known to be durable. Any thread may ask, and so below. */
    int depth() {
        return queue.size() + inHand;
    }

    /** For how long the oldest of them has waited; 0 when there is none. */
    long oldestUnsyncedNanos() {
        Job queued = queue.peek();
        long now = clock.nanoTime();
        long age = queued == null ? 0 : now - queued.queuedNanos();
        return Math.max(age, inHand == 0 ? 0 : now - oldestInHandNanos);
    }

    /** Why nothing is written any more; null while it is. */
    @Nullable Fault broken() {
        return broken;
    }

    /** Once before and once after each sync, not for each job. */
    private void countInHand() {
        Job oldest = unsynced.isEmpty() ? waiting.peek() : unsynced.get(0);
        if (oldest != null) {
            oldestInHandNanos = oldest.queuedNanos();
        }
        inHand = unsynced.size() + waiting.size();
    }

    /** What a replica that was closed still wants to write isn't written. In the log's loop. */
    void forget(GroupId group) {
        waiting.removeIf(job -> job.write().group().equals(group));
        countInHand();
    }

    private void write() {
        scheduled.set(false);
        takeQueued();
        if (!waiting.isEmpty()) {
            writeWaiting(false);
        }
    }

    private void takeQueued() {
        for (Job job = queue.poll(); job != null; job = queue.poll()) {
            waiting.add(job);
        }
    }

    /** The store frees a full log a little with each sync, and others' writes come in between. */
    private void goOnFreeing() {
        goesOn = false;
        takeQueued();
        if (!waiting.isEmpty() || store.isFreeing()) {
            writeWaiting(false);
        }
    }

    private void look() {
        looks = false;
        writeWaiting(true);
    }

    private void writeWaiting(boolean looksForRoom) {
        Fault failed = broken;
        countInHand();
        if (failed != null) {
            watch.failed(failed); // a replica that was opened since then must hear it too
            return;
        }
        DiskFullException full;
        try {
            if (looksForRoom) {
                store.lookForRoom();
            }
            long begunNanos = metrics == RaftMetrics.NONE ? 0 : clock.nanoTime();
            FlightRecorder.Span span = spans.get();
            full = appendWaiting();
            store.sync();
            span.ends(unsynced.size());
            full = full == null ? store.diskFull() : full;
            measure(begunNanos);
            tellWritten(full);
            countInHand();
        } catch (DiskFullException e) {
            full = e;
            watch.full(e); // nothing is lost, and nothing was promised: the store goes on with it
        } catch (IOException | RuntimeException | Error e) {
            // Never tried again: after a failed sync the disk's state is unknown. An error is no
            // better: later writes would follow a gap.
            Fault fault = faultOf(e);
            broken = fault;
            watch.failed(fault);
            if (e instanceof Error error) {
                throw error; // the loop's to report
            }
            return;
        }
        if (full != null && !looks) {
            looks = true;
            logLoop.at(clock.nanoTime() + lookNanos, this::look);
        }
        if (full == null && !goesOn && store.isFreeing()) {
            goesOn = true;
            logLoop.execute(this::goOnFreeing);
        }
    }

    /**
     * @return why some still wait, or were refused; null when all were taken
     */
    private @Nullable DiskFullException appendWaiting() throws IOException {
        DiskFullException full = null;
        for (Job job = waiting.peek(); job != null; job = waiting.peek()) {
            if (job.told() == job.lane().refusals) {
                try {
                    store.append(job.write());
                    unsynced.add(job);
                } catch (DiskFullException e) {
                    WrittenLog taken = store.written(job.write().group());
                    if (job.write().entries().isEmpty() && job.write().copies().isEmpty()) {
                        waiting.remove();
                        waiting.addFirst(job.without(taken));
                        return e;
                    }
                    full = e;
                    job.lane().refusals++;
                    refused.add(new Refused(job, taken));
                }
            }
            waiting.remove();
        }
        return full;
    }

    private void measure(long begunNanos) {
        if (metrics == RaftMetrics.NONE || unsynced.isEmpty()) {
            return;
        }
        long bytes = 0;
        for (Job job : unsynced) {
            for (Entry entry : job.write().entries()) {
                bytes += entry.weightBytes();
            }
        }
        long waited = Math.max(0, begunNanos - unsynced.get(0).queuedNanos());
        metrics.logWritten(waited, clock.nanoTime() - begunNanos, unsynced.size(), bytes);
    }

    private void tellWritten(@Nullable DiskFullException full) {
        List<Job> durable = List.copyOf(unsynced);
        List<Refused> notWritten = List.copyOf(refused);
        unsynced.clear();
        refused.clear();
        watch.written(durable, notWritten, full);
    }

    static Fault diskFull(DiskFullException why) {
        return new Fault(
                Fault.Code.DISK_FULL,
                "the log has no room: "
                        + why.getMessage()
                        + ". What was acknowledged is safe. Replicas of this host vote and answer as long"
                        + " as the log's reserve lasts, but take no entries; leaders hand over to whoever has"
                        + " room, and refuse proposals with DISK_FULL where nobody has. Make room on that"
                        + " disk, or enlarge it, or make it writable; delete nothing in the host's own"
                        + " directory. It goes on by itself.");
    }

    static Fault faultOf(Throwable e) {
        return e instanceof StorageException known
                ? known.fault()
                : new Fault(
                        Fault.Code.STORAGE_FAILED,
                        "a write or sync of the log failed: "
                                + e
                                + ". What is on the disk is not known any more, so"
                                + " this host acknowledges nothing further. What was acknowledged is on the other"
                                + " members. Mend the disk and start the host again.");
    }
}
