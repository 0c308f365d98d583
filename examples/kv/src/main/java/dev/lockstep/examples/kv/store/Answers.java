package dev.lockstep.examples.kv.store;

import dev.lockstep.raft.model.Payload;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The replies to a batch, each as it goes to the client, in the order of the operations.
 *
 * <p>There may be fewer than operations. Then there was no room for more, and the rest was not run:
 * ask again for those. An answer may have to travel between nodes, so it is bounded, and a reply is
 * never dropped after its effect.
 *
 * <p>Its bytes: 1 when the log must be asked, else 0, a count (4), and each reply with its length
 * (4) before it.
 */
public final class Answers {
    /** The largest answer to a batch in the log. */
    public static final int LOG_BYTES = 2 * 1024 * 1024;

    /** The largest answer to a question, which stays on its node. */
    public static final int LOOK_BYTES = 64 * 1024 * 1024;

    private static final Payload ASK_THE_LOG = new WireWriter().putByte(1).putInt(0).toPayload();
    private static final int COUNT_AT = 1;
    private static final int ROOM_FOR_ONE = KvStore.MAX_VALUE_BYTES + 1024;

    private final WireWriter out = new WireWriter().putByte(0).putInt(0);
    private final int maxBytes;
    private int count;

    Answers(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    static Payload askTheLog() {
        return ASK_THE_LOG;
    }

    /** Whether the reply of any operation that has an effect would fit. */
    boolean hasRoom() {
        return maxBytes - out.size() >= ROOM_FOR_ONE;
    }

    void add(Reply reply) {
        int begin = out.putInt(0).size();
        Reply fits =
                reply.maxBytes() <= maxBytes - begin
                        ? reply
                        : Reply.failure(
                                "ERR reply exceeds maximum allowed size (" + maxBytes + " bytes)");
        fits.writeTo(out);
        out.setInt(begin - Integer.BYTES, out.size() - begin);
        count++;
    }

    Payload toPayload() {
        out.setInt(COUNT_AT, count);
        return out.toPayload();
    }

    public static boolean mustAskTheLog(Payload answer) {
        return answer.byteAt(0) != 0;
    }

    /** The replies, not copied. */
    public static List<ByteBuffer> read(Payload answer) {
        WireReader in = new WireReader(answer);
        in.readByte();
        return in.readList(WireReader::readSlice);
    }
}
