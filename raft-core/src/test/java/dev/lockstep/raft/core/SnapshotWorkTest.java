package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each kind of work comes to the method of its runner that does it. */
class SnapshotWorkTest {
    private static final LogPosition POSITION = new LogPosition(5, 9);
    private static final SnapshotMeta META =
            new SnapshotMeta(POSITION, 0, Membership.ofVoters(List.of(Driven.N1)), 0);
    private static final SnapshotId FILE = new SnapshotId(POSITION, 10, 1);

    private static final class Log implements SnapshotWork.Runner {
        final List<String> done = new ArrayList<>();

        @Override
        public void take(SnapshotWork.Take work) {
            done.add("take " + work.meta().position());
        }

        @Override
        public void restore(SnapshotWork.Restore work) {
            done.add("restore " + work.meta().position());
        }

        @Override
        public void sendChunk(SnapshotWork.SendChunk work) {
            done.add("send to " + work.to().node());
        }

        @Override
        public void storeChunk(SnapshotWork.StoreChunk work) {
            done.add("store at " + work.offset());
        }

        @Override
        public void drop(SnapshotWork.Drop work) {
            done.add("drop " + work.position());
        }
    }

    @Test
    void eachKindIsDoneByItsOwnMethodAndOnce() {
        Log log = new Log();
        List<SnapshotWork> all =
                List.of(
                        new SnapshotWork.Take(META),
                        new SnapshotWork.Restore(META),
                        new SnapshotWork.SendChunk(Driven.N2, POSITION, null, 0, 4),
                        new SnapshotWork.StoreChunk(FILE, 4, Payload.of("4567")),
                        new SnapshotWork.Drop(POSITION));
        for (SnapshotWork work : all) {
            work.runOn(log);
        }
        assertThat(log.done)
                .containsExactly(
                        "take " + POSITION,
                        "restore " + POSITION,
                        "send to n2",
                        "store at 4",
                        "drop " + POSITION);
    }
}
