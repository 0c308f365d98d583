package dev.lockstep.raft.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.applied.AppliedState;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.SnapshotSection;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.SnapshotStore;
import dev.lockstep.raft.spi.SnapshotWriter;
import dev.lockstep.raft.spi.StateMachine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose failure it is when a state can't be restored from its snapshot. */
class RestoringTest {
    private static final GroupId GROUP = GroupId.of("g");
    private static final SnapshotMeta META =
            new SnapshotMeta(
                    new LogPosition(1, 7),
                    0,
                    new Membership(
                            List.of(new ReplicaId(NodeId.of("n1"), new UUID(0x4000, 1L << 63))),
                            List.of(),
                            List.of()),
                    1_000);
    private static final int STATE_BYTES = 200_000; // several frames

    private byte[] file;
    private SnapshotId id;

    @BeforeEach
    void write() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SnapshotWriter writer = new SnapshotWriter(out, GROUP, META);
        Payload saved = new AppliedState().save();
        byte[] replicated = new byte[saved.size()];
        saved.asByteBuffer().get(replicated);
        writer.section(SnapshotSection.REPLICATED).write(replicated);
        writer.section(SnapshotSection.APPLICATION).write(new byte[STATE_BYTES]);
        id = writer.finish();
        file = out.toByteArray();
    }

    private @Nullable Fault restored(StateMachine machine, int readable) {
        Store store = new Store(readable);
        Fault fault = new Restoring(GROUP, machine, null, new AppliedState()).from(store, META);
        assertThat(store.setAside).as("it may be whole").isFalse();
        return fault;
    }

    @Test
    void aFailingReadIsTheStoragesFailureAndNotTheStateMachines() {
        for (int readable = 0; readable <= file.length; readable += 4_999) {
            for (boolean swallows : new boolean[] {false, true}) {
                Fault fault = restored(new Machine(swallows), readable);
                assertThat(fault).as("%d bytes", readable).isNotNull();
                assertThat(fault.code()).isEqualTo(Fault.Code.STORAGE_FAILED);
                assertThat(fault.message())
                        .contains("Input/output error", "Check the disk")
                        .doesNotContain("begins anew");
            }
        }
    }

    @Test
    void aListingThatFailsIsTheStoragesFailure() {
        Fault fault = restored(new Machine(false), -1);
        assertThat(fault).isNotNull();
        assertThat(fault.code()).isEqualTo(Fault.Code.STORAGE_FAILED);
    }

    @Test
    void aWholeSnapshotThatTheMachineRefusesIsTheStateMachinesFailure() {
        Fault fault =
                restored(
                        new Machine(false) {
                            @Override
                            public void restore(DataInputStream in) {
                                throw new IllegalStateException("what is this");
                            }
                        },
                        Integer.MAX_VALUE);
        assertThat(fault).isNotNull();
        assertThat(fault.code()).isEqualTo(Fault.Code.STATE_MACHINE_FAILED);
        assertThat(restored(new Machine(false), Integer.MAX_VALUE)).isNull();
    }

    /** Reads all of its state, and may make nothing of it that it can't. */
    private static class Machine implements StateMachine {
        private final boolean swallows;

        Machine(boolean swallows) {
            this.swallows = swallows;
        }

        @Override
        public Payload apply(Command command) {
            throw new AssertionError("nothing is applied");
        }

        @Override
        public Payload query(Payload question) {
            throw new AssertionError("nothing is asked");
        }

        @Override
        public SnapshotSource snapshot() {
            throw new AssertionError("nothing is taken");
        }

        @Override
        public void restore(DataInputStream in) throws IOException {
            try {
                assertThat(in.readAllBytes()).hasSize(STATE_BYTES);
            } catch (IOException e) {
                if (!swallows) {
                    throw e;
                }
            }
        }
    }

    /** One snapshot, of which the disk reads so many bytes; -1 when it doesn't even list it. */
    private final class Store implements SnapshotStore {
        private final int readable;
        private boolean setAside;

        Store(int readable) {
            this.readable = readable;
        }

        @Override
        public List<SnapshotId> list(GroupId group) throws IOException {
            if (readable < 0) {
                throw new IOException("Input/output error");
            }
            return List.of(id);
        }

        @Override
        public InputStream open(GroupId group, SnapshotId wanted) {
            return new InputStream() {
                private final InputStream whole = new ByteArrayInputStream(file);
                private int left = readable;

                @Override
                public int read() throws IOException {
                    if (left-- <= 0) {
                        throw new IOException("Input/output error");
                    }
                    return whole.read();
                }

                @Override
                public int read(byte[] target, int from, int count) throws IOException {
                    if (left < count) {
                        throw new IOException("Input/output error");
                    }
                    int read = whole.read(target, from, count);
                    left -= Math.max(read, 0);
                    return read;
                }
            };
        }

        @Override
        public void setAside(GroupId group, LogPosition position) {
            setAside = true;
        }

        @Override
        public SnapshotId write(GroupId group, SnapshotMeta meta, Content content) {
            throw new AssertionError("nothing is written");
        }

        @Override
        public @Nullable SnapshotMeta receive(
                GroupId group, SnapshotId of, long offset, Payload bytes) {
            throw new AssertionError("nothing is received");
        }

        @Override
        public Payload read(GroupId group, SnapshotId of, long offset, int maxBytes) {
            throw new AssertionError("nothing is sent");
        }

        @Override
        public void delete(GroupId group, LogPosition position) {
            throw new AssertionError("nothing is deleted");
        }
    }
}
