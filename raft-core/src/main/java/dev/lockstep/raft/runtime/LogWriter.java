package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes the writes of all groups durable, in order, in a loop of its own. Whatever came while one
 * sync ran is appended together and shares the next.
 */
final class LogWriter {
    private final LogStore store;
    private final EventLoop logLoop;
    private final Consumer<List<Job>> durable;
    private final Consumer<Fault> failed;
    private final ConcurrentLinkedQueue<Job> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private @Nullable Fault broken;

    /** One replica's write, and what it asked to hear once that is durable. */
    record Job(ReplicaWrite write, Runnable whenDurable) {}

    /**
     * @param durable told, in the log's loop, of jobs whose sync has returned
     * @param failed told, in the log's loop, when the disk has failed and at each later job;
     *     nothing is durable from there on
     */
    LogWriter(
            LogStore store,
            EventLoop logLoop,
            Consumer<List<Job>> durable,
            Consumer<Fault> failed) {
        this.store = store;
        this.logLoop = logLoop;
        this.durable = durable;
        this.failed = failed;
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

    private void write() {
        scheduled.set(false);
        List<Job> jobs = new ArrayList<>();
        for (Job job = queue.poll(); job != null; job = queue.poll()) {
            jobs.add(job);
        }
        if (jobs.isEmpty()) {
            return;
        }
        if (broken != null) {
            failed.accept(broken); // a replica that was opened since then must hear it too
            return;
        }
        try {
            for (Job job : jobs) {
                store.append(job.write());
            }
            store.sync();
        } catch (IOException | RuntimeException | Error e) {
            // Never tried again: after a failed sync the disk's state is unknown. An error is no
            // better: later writes would follow a gap.
            broken = faultOf(e);
            failed.accept(broken);
            if (e instanceof Error error) {
                throw error; // the loop's to report
            }
            return;
        }
        durable.accept(jobs);
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
