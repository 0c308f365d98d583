package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.SnapshotSection;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.SnapshotStore;
import dev.lockstep.raft.spi.SnapshotWriter;
import java.io.DataOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * All that a replica has made of its log, as it was at one entry; written by another thread.
 *
 * @param replicated what is kept beside the state machine
 * @param application the state machine's own; null when the machine keeps that durably itself
 */
record FrozenState(Payload replicated, @Nullable SnapshotSource application)
        implements SnapshotStore.Content {
    @Override
    public void writeTo(SnapshotWriter out) throws IOException {
        out.section(SnapshotSection.REPLICATED).write(replicated.toByteArray());
        if (application == null) {
            return;
        }
        DataOutputStream data = new DataOutputStream(out.section(SnapshotSection.APPLICATION));
        application.writeTo(data);
        data.flush();
    }

    /** Lets go of what the state machine has taken hold of for it. */
    void close() {
        if (application != null) {
            application.close();
        }
    }
}
