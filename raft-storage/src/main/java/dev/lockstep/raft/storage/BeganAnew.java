package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Fault;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a replica had to begin anew, as its REPLICA record says:
 *
 * <pre>
 *   u8   0 when it hasn't, and nothing follows; 1 LOG_CORRUPT, 2 LOG_GAP, 3 SNAPSHOT_CORRUPT
 *   u64  the last segment that may hold something of the replica before it
 *   u16  bytes of the text
 *   n    what was lost, in UTF-8
 * </pre>
 *
 * @param loss what was lost
 * @param keptUpTo the segments up to this one are kept aside when the log needs them no more
 */
record BeganAnew(Loss loss, long keptUpTo) {
    /** More than any takes. */
    static final int MOST_BYTES = 1 + Long.BYTES + Short.BYTES + 3 * Loss.MOST_CHARS;

    private static final List<Fault.Code> CODES =
            List.of(Fault.Code.LOG_CORRUPT, Fault.Code.LOG_GAP, Fault.Code.SNAPSHOT_CORRUPT);

    static void put(ByteBuffer to, @Nullable BeganAnew why) {
        if (why == null) {
            to.put((byte) 0);
            return;
        }
        byte[] text = why.loss.what().getBytes(StandardCharsets.UTF_8);
        to.put((byte) (1 + CODES.indexOf(why.loss.code()))).putLong(why.keptUpTo);
        to.putShort((short) text.length).put(text);
    }

    static @Nullable BeganAnew read(ByteBuffer from) throws Damage {
        byte code = from.get();
        if (code == 0) {
            return null;
        }
        if (code < 1 || code > CODES.size()) {
            throw new Damage("a replica began anew for reason " + code + ", which is unknown");
        }
        long keptUpTo = from.getLong();
        byte[] text = new byte[from.getShort() & 0xffff];
        from.get(text);
        return new BeganAnew(
                new Loss(CODES.get(code - 1), new String(text, StandardCharsets.UTF_8), false),
                keptUpTo);
    }
}
