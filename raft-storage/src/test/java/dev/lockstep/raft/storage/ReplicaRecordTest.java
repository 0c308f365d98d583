package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.LogPosition;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a checkpoint claims of a replica is judged before memory is taken for it. */
class ReplicaRecordTest {
    private static ReplicaRecord read(long lastIndex) throws Damage {
        ByteBuffer body = ByteBuffer.allocate(200);
        Bodies.putUuid(body, new UUID(1, 2));
        Bodies.putPosition(body, new LogPosition(1, 10));
        body.putInt(1);
        Bodies.putPosition(body, new LogPosition(2, 11));
        body.putLong(99);
        Bodies.putName(body, Samples.GROUP.name());
        BeganAnew.put(body, null);
        long group = Samples.GROUP.key();
        return ReplicaRecord.read(
                new RecordHead(0, 0, RecordKind.REPLICA, group, 2, lastIndex), body.flip());
    }

    @Test
    void aLogOfMoreEntriesThanAnyIndexHoldsIsDamage() throws Damage {
        for (long last : new long[] {1_000_000, 1_500_000_000}) {
            assertThat(read(last).last()).isEqualTo(new LogPosition(2, last));
        }
        for (long last : new long[] {(1L << 31) + 10, 1L << 40, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> read(last))
                    .isInstanceOf(Damage.class)
                    .hasMessageContaining("1:10 to 2:" + last);
        }
    }
}
