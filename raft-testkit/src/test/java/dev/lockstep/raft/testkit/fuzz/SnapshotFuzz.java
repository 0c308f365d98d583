package dev.lockstep.raft.testkit.fuzz;

import dev.lockstep.raft.applied.AppliedState;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.spi.SnapshotReader;
import dev.lockstep.raft.spi.SnapshotSection;
import dev.lockstep.raft.spi.SnapshotWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/** A snapshot's file, with the checksums of head, frames and end made right, and its sessions. */
public final class SnapshotFuzz {
    private static final int HEAD_SIZE_AT = 12;

    /** Frame buffer, the largest head, the stream's own buffers. */
    private static final long FIXED_BYTES = 2 << 20;

    private SnapshotFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        byte[] file = input.clone();
        if (file.length > 0 && file[0] >= 0) {
            seal(file);
        }
        Fuzz.check(
                file.length,
                FIXED_BYTES,
                () -> {
                    SnapshotReader reader =
                            new SnapshotReader(new ByteArrayInputStream(file), "a snapshot");
                    byte[] sessions = reader.section(SnapshotSection.REPLICATED).readAllBytes();
                    int unused = reader.section(SnapshotSection.APPLICATION).readAllBytes().length;
                    reader.finish();
                    sessions(sessions);
                });
        Fuzz.check(input.length, FIXED_BYTES, () -> sessions(input));
    }

    /** What is restored is saved as the same bytes. */
    private static void sessions(byte[] bytes) {
        AppliedState state = new AppliedState();
        state.restore(Payload.copyOf(bytes));
        AppliedState again = new AppliedState();
        again.restore(state.save());
        if (!again.save().equals(state.save())) {
            throw new AssertionError("saved otherwise than it was restored");
        }
    }

    private static void seal(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file);
        if (file.length < HEAD_SIZE_AT + Integer.BYTES) {
            return;
        }
        int at = bytes.getInt(HEAD_SIZE_AT);
        if (at < HEAD_SIZE_AT + 2 * Integer.BYTES || at > file.length) {
            return;
        }
        checksum(bytes, 0, at - Integer.BYTES);
        while (at + 5 <= file.length && file[at] != 0) {
            int size = bytes.getInt(at + 1);
            if (size < 0 || size > file.length - at - 9) {
                return;
            }
            checksum(bytes, at, at + 5 + size);
            at += 9 + size;
        }
        if (at + 13 <= file.length) {
            bytes.putLong(at + 1, at + 13);
            checksum(bytes, 0, at + 9);
        }
    }

    private static void checksum(ByteBuffer bytes, int from, int until) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(from, until - from));
        bytes.putInt(until, (int) crc.getValue());
    }

    public static List<byte[]> seeds() {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ReplicaId self = new ReplicaId(NodeId.of("n1"), new UUID(1, 2));
            SnapshotMeta meta =
                    new SnapshotMeta(
                            new LogPosition(3, 40), 0, Membership.ofVoters(List.of(self)), 99);
            SnapshotWriter writer = new SnapshotWriter(out, GroupId.of("g"), meta);
            byte[] sessions = new AppliedState().save().toByteArray();
            writer.section(SnapshotSection.REPLICATED).write(sessions);
            writer.section(SnapshotSection.APPLICATION).write(new byte[] {1, 2, 3});
            writer.finish();
            return List.of(out.toByteArray(), sessions);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
