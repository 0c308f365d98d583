package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.StateMachine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the replicas of groups that are opened, or makes them, in the log's thread: many with one
 * sync, and not so many at once that the writes of the groups that run would wait for long.
 */
final class Openings {
    private static final int AT_ONCE = 256;

    private static final Logger LOG = LoggerFactory.getLogger(Openings.class);

    private final LogStore store;
    private final LogWriter writer;
    private final EventLoop logLoop;
    private final BiConsumer<RecoveredReplica, Opened> found;
    private final BiConsumer<Opened, Throwable> failed;
    private final Queue<Opened> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();

    /** What a group is opened with. */
    record Opened(
            GroupId group,
            List<NodeId> founders,
            StateMachine machine,
            GroupHandle handle,
            EventLoop snapshotLoop,
            long seed) {
        boolean asWitness() {
            return machine == NoState.OF_A_WITNESS;
        }
    }

    /**
     * @param found called in the log's thread once the replica is durable
     * @param failed called there when it can't be
     */
    Openings(
            LogStore store,
            LogWriter writer,
            EventLoop logLoop,
            BiConsumer<RecoveredReplica, Opened> found,
            BiConsumer<Opened, Throwable> failed) {
        this.store = store;
        this.writer = writer;
        this.logLoop = logLoop;
        this.found = found;
        this.failed = failed;
    }

    /** May be called by any thread. */
    void add(Opened opened) {
        waiting.add(opened);
        schedule();
    }

    private void schedule() {
        if (scheduled.compareAndSet(false, true)) {
            logLoop.execute(this::run);
        }
    }

    private void run() {
        scheduled.set(false);
        List<Opened> all = new ArrayList<>();
        while (all.size() < AT_ONCE && !waiting.isEmpty()) {
            all.add(waiting.remove());
        }
        makeNew(all);
        for (Opened opened : all) {
            try {
                found.accept(recover(opened), opened);
            } catch (IOException | RuntimeException | Error e) {
                failed.accept(opened, e);
            }
        }
        if (!waiting.isEmpty()) {
            schedule();
        }
    }

    private void makeNew(List<Opened> all) {
        Map<GroupId, Boolean> asWitness = new TreeMap<>();
        all.forEach(opened -> asWitness.put(opened.group(), opened.asWitness()));
        try {
            store.makeReplicas(asWitness);
        } catch (IOException | RuntimeException | Error e) {
            LOG.debug("Each group hears of it that needs what couldn't be made", e);
        }
    }

    private RecoveredReplica recover(Opened opened) throws IOException {
        writer.forget(opened.group());
        RecoveredReplica recovered = store.replica(opened.group(), opened.asWitness());
        if (recovered.id().isWitness() != opened.asWitness()) {
            throw new StorageException(OpeningFaults.otherKind(recovered.id(), opened.group()));
        }
        return recovered;
    }
}
