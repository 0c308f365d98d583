package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Payload;
import org.jspecify.annotations.Nullable;

/**
 * A proposal on its way, and its links in the list of {@link Unfinished} ones. Used in the host's
 * loop only.
 */
final class Proposal {
    /** Another one for each time that it is sent: a late answer must not be taken for another's. */
    long id;

    final EntryKind kind;

    /** Empty once nobody will need it here. */
    private Payload payload;

    private final int weightBytes;
    final Completion completion;
    final long deadlineNanos;

    /**
     * Whether it may have left this host, or stands in its log: then its deadline means unknown.
     */
    boolean exposed;

    /** Whether a session sees to it that it takes effect once, however often it is appended. */
    final boolean repeatable;

    /** Whether the outcome of an earlier try is unknown: then it can't end as not done. */
    boolean repeated;

    /** Whether its end was told. */
    boolean finished;

    @Nullable Proposal older;
    @Nullable Proposal newer;

    /** A command that may be appended once. */
    Proposal(long id, Payload payload, Completion completion, long deadlineNanos) {
        this(id, EntryKind.COMMAND, payload, completion, deadlineNanos);
    }

    Proposal(long id, EntryKind kind, Payload payload, Completion completion, long deadlineNanos) {
        this.id = id;
        this.kind = kind;
        this.repeatable = kind != EntryKind.COMMAND;
        this.payload = payload;
        this.weightBytes = Entry.OVERHEAD_BYTES + payload.size();
        this.completion = completion;
        this.deadlineNanos = deadlineNanos;
    }

    int weightBytes() {
        return weightBytes;
    }

    Payload payload() {
        return payload;
    }

    /** It stays in somebody's books, but won't be offered any more. */
    void forgetPayload() {
        payload = Payload.EMPTY;
    }
}
