package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.Fault;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a host remembers of the starts of its peers, across its own: the latest one of each
 * directory. So a directory that was replaced by an older copy is noticed, as long as that copy is
 * from before the last start that was seen here.
 */
@FunctionalInterface
public interface PeerBoots {
    /** Remembers nothing and takes everybody. */
    PeerBoots NONE = (peer, verdict) -> verdict.accept(null);

    /**
     * Asks whether messages of that start of a peer may be taken. Never blocks; any thread may
     * call.
     *
     * @param verdict called once, by any thread, maybe before this returns; must not block. Gets
     *     null when it is durable that this start was seen, else why none of its messages may be
     *     taken: {@code LOG_REVERTED} and {@code WRONG_PEER} as {@link HostIdentity#conflictWith}
     *     says, {@code STORAGE_FAILED} when it could not be made durable
     */
    void meet(HostIdentity peer, Consumer<@Nullable Fault> verdict);
}
