package dev.lockstep.raft.applied;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Payload;
import java.util.zip.CRC32C;

/**
 * A running hash over all that entries say, in log order. Two replicas that have applied up to the
 * same index have the same, unless the log of one isn't what was committed.
 */
final class LogHash {
    private final CRC32C checksum = new CRC32C();
    private long value;

    long value() {
        return value;
    }

    void restore(long saved) {
        value = saved;
    }

    void fold(Entry entry) {
        value = Mix.of(value, entry.index());
        value = Mix.of(value, entry.term());
        value = Mix.of(value, entry.timestampMillis());
        value = Mix.of(value, (long) entry.kind().code() << 32 | checksumOf(entry.payload()));
    }

    private long checksumOf(Payload payload) {
        checksum.reset();
        payload.addTo(checksum);
        return checksum.getValue();
    }
}
