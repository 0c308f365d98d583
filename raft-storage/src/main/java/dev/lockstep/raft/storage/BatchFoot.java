package dev.lockstep.raft.storage;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What the last bytes of a batch say, read by themselves: of a batch that isn't whole any more,
 * echo and directory may still be. The layout is {@link BatchHead}'s.
 *
 * @param number the batch's
 * @param echo the directory of the batch before, if it is repeated here; else empty
 * @param directory the batch's own
 */
record BatchFoot(long number, ByteBuffer echo, ByteBuffer directory) {
    private static final int MAGIC = 0x42454e44;

    /**
     * @param data the batch's data, with anything where its blocks are damaged
     * @param segment the sequence number of the segment that it stands in
     * @return null when the ending isn't as it was written
     */
    static @Nullable BatchFoot read(ByteBuffer data, long segment) {
        int footAt = data.limit() - BatchHead.FOOT_BYTES;
        ByteBuffer foot = data.duplicate().position(footAt);
        int magic = foot.getInt();
        int blocks = foot.getInt();
        long claimed = foot.getLong();
        long number = foot.getLong();
        int unusedRecords = foot.getInt();
        int echoBytes = foot.getInt();
        int directoryBytes = foot.getInt();
        boolean fits =
                magic == MAGIC
                        && blocks == data.limit() / Blocks.DATA_BYTES
                        && claimed == segment
                        && echoBytes >= 0
                        && directoryBytes >= 0
                        && (long) echoBytes + directoryBytes <= footAt - BatchHead.BYTES;
        if (!fits) {
            return null;
        }
        int endingAt = footAt - echoBytes - directoryBytes;
        CRC32C crc = new CRC32C();
        crc.update(data.duplicate().limit(data.limit() - Integer.BYTES).position(endingAt));
        return foot.getInt() != (int) crc.getValue()
                ? null
                : new BatchFoot(
                        number,
                        data.slice(endingAt, echoBytes),
                        data.slice(footAt - directoryBytes, directoryBytes));
    }
}
