package dev.lockstep.raft.core;

import dev.lockstep.raft.message.FetchSnapshot;
import dev.lockstep.raft.message.InstallSnapshot;
import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotId;
import org.jspecify.annotations.Nullable;

/**
 * The receiving side of a transfer. One question is out at a time, and the next is asked when the
 * answer is on disk, so nobody is sent more than it can take. What is lost is asked for again when
 * the leader repeats its offer. After a break it goes on behind what it has, at whoever holds the
 * same file; another file starts afresh.
 */
final class SnapshotFetch {
    private final RaftCore core;

    /** Who was asked last; null while nobody is. */
    private @Nullable ReplicaId source;

    private long askedNanos;

    /** How often in a row no answer came. */
    private int unanswered;

    /** The file of which a part is here; null while there is none. */
    private @Nullable SnapshotId id;

    /** How much of it is here. */
    private long offset;

    private long atLeast;
    private boolean storing;

    SnapshotFetch(RaftCore core) {
        this.core = core;
    }

    /** Whether nothing comes, nor is waited for; who never answered isn't. */
    boolean isIdle() {
        return !storing
                && (source == null
                        || core.now() - askedNanos >= core.options.electionTimeout().toNanos());
    }

    /** The leader repeats this as long as it needs to. */
    void onOffer(ReplicaId leader, InstallSnapshot offer) {
        long patience = core.options.electionTimeout().toNanos();
        if (storing || (source != null && core.now() - askedNanos < patience)) {
            return;
        }
        unanswered += source == null ? 0 : 1;
        atLeast = offer.base();
        if (id != null && id.position().index() < atLeast) {
            forget();
        }
        // Whoever the leader names may be gone; the leader itself has what it needs to go on.
        ask(unanswered % 2 == 0 ? offer.source() : leader);
    }

    private void ask(ReplicaId whom) {
        source = whom;
        askedNanos = core.now();
        core.outbox.send(whom, new FetchSnapshot(atLeast, id, offset));
    }

    void onChunk(ReplicaId from, SnapshotChunk chunk) {
        SnapshotId theirs = chunk.id();
        if (storing || !from.equals(source) || !core.termIsDurable()) {
            return; // no snapshot is stored here that is of a later term than this disk knows
        }
        if (theirs == null) {
            forget();
            unanswered++; // so that the next question goes to the other of leader and named source
            source = null;
            return;
        }
        boolean useful =
                theirs.position().index() >= atLeast && theirs.position().term() <= core.term();
        if (id == null && chunk.offset() == 0 && useful) {
            id = theirs;
        }
        if (theirs.equals(id) && chunk.offset() == offset) {
            unanswered = 0;
            storing = true;
            core.outbox.add(
                    new Effect.Snapshots(
                            new SnapshotWork.StoreChunk(theirs, offset, chunk.bytes())));
        }
    }

    void onStored(SnapshotNews.Stored stored) {
        storing = false;
        if (!stored.id().equals(id) || source == null) {
            return;
        }
        if (!core.snapshots.isNeeded(stored.id().position())) {
            forget(); // the log has come another way
            source = null;
            return;
        }
        offset = stored.bytes();
        ask(source);
    }

    /** All of it is here, or it is of no use. */
    void onEnd(SnapshotId ended) {
        storing = false;
        source = null;
        unanswered = 0;
        if (ended.equals(id)) {
            forget();
        }
    }

    private void forget() {
        id = null;
        offset = 0;
    }
}
