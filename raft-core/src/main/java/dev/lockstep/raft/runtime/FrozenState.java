package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.SnapshotSection;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.SnapshotStore;
import dev.lockstep.raft.spi.SnapshotWriter;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * All that a replica has made of its log, as it was at one entry; written by another thread.
 *
 * @param replicated what is kept beside the state machine
 * @param application the state machine's own
 */
record FrozenState(Payload replicated, SnapshotSource application)
        implements SnapshotStore.Content {
    @Override
    public void writeTo(SnapshotWriter out) throws IOException {
        out.section(SnapshotSection.REPLICATED).write(replicated.toByteArray());
        DataOutputStream data = new DataOutputStream(out.section(SnapshotSection.APPLICATION));
        application.writeTo(data);
        data.flush();
    }
}
