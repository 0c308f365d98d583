package dev.lockstep.raft.testkit.scenario;

import dev.lockstep.raft.core.SnapshotNews;
import dev.lockstep.raft.core.SnapshotWork;
import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of one node of a scenario: files of ten bytes, no two the same, that are durable
 * when the scenario says so.
 */
final class ScenarioSnapshots implements SnapshotWork.Runner {
    private static final int BYTES = 10;

    private final int node;
    private final Map<SnapshotId, SnapshotMeta> files;
    private final TreeMap<Long, SnapshotId> published = new TreeMap<>();
    private final ArrayDeque<SnapshotWork> waiting = new ArrayDeque<>();
    private final Consumer<String> output;
    private final Sender sender;

    /** Takes a message that is to leave. */
    interface Sender {
        void send(SnapshotWork.SendChunk work, SnapshotChunk chunk);
    }

    /**
     * @param files what every file of the whole scenario stands for
     */
    ScenarioSnapshots(
            int node, Map<SnapshotId, SnapshotMeta> files, Consumer<String> output, Sender sender) {
        this.node = node;
        this.files = files;
        this.output = output;
        this.sender = sender;
    }

    @Nullable SnapshotMeta newest() {
        return published.isEmpty() ? null : files.get(published.lastEntry().getValue());
    }

    void restarted() {
        waiting.clear();
    }

    boolean isWaiting() {
        return !waiting.isEmpty();
    }

    /** The oldest that waits to be written is durable, or can't be written. */
    SnapshotNews written(boolean well) {
        SnapshotWork work = waiting.removeFirst();
        if (work instanceof SnapshotWork.Take take) {
            if (!well) {
                return new SnapshotNews.Failed(take.meta());
            }
            publish(new SnapshotId(take.meta().position(), BYTES, node), take.meta());
            return new SnapshotNews.Taken(take.meta());
        }
        SnapshotWork.StoreChunk chunk = (SnapshotWork.StoreChunk) work;
        long end = chunk.offset() + chunk.bytes().size();
        if (!well) {
            return new SnapshotNews.Unusable(chunk.id());
        }
        if (end < chunk.id().bytes()) {
            return new SnapshotNews.Stored(chunk.id(), end);
        }
        SnapshotMeta meta = files.get(chunk.id());
        if (meta == null) {
            throw new IllegalArgumentException("nobody has made " + chunk.id());
        }
        publish(chunk.id(), meta);
        return new SnapshotNews.Received(chunk.id(), meta);
    }

    private void publish(SnapshotId id, SnapshotMeta meta) {
        files.put(id, meta);
        published.put(id.position().index(), id);
    }

    @Override
    public void take(SnapshotWork.Take work) {
        waiting.add(work);
        output.accept("take snapshot " + text(work.meta()));
    }

    @Override
    public void restore(SnapshotWork.Restore work) {
        output.accept("restore snapshot " + text(work.meta()));
    }

    private static String text(SnapshotMeta meta) {
        return meta.position()
                + " configuration="
                + meta.configurationIndex()
                + " voters="
                + meta.membership().voters().stream().map(EffectText::node).toList();
    }

    @Override
    public void sendChunk(SnapshotWork.SendChunk work) {
        SnapshotId id = published.get(work.position().index());
        boolean fits = id != null && (work.wanted() == null || work.wanted().equals(id));
        int size = (int) Math.min(work.maxBytes(), BYTES - work.offset());
        sender.send(
                work,
                fits
                        ? new SnapshotChunk(
                                id, work.offset(), Payload.of("0123456789".substring(0, size)))
                        : SnapshotChunk.NONE);
    }

    @Override
    public void storeChunk(SnapshotWork.StoreChunk work) {
        waiting.add(work);
        output.accept(
                "store "
                        + work.bytes().size()
                        + " bytes at "
                        + work.offset()
                        + " of snapshot "
                        + work.id());
    }

    @Override
    public void drop(SnapshotWork.Drop work) {
        LogPosition position = work.position();
        output.accept("drop snapshot " + position);
        published.remove(position.index());
    }
}
