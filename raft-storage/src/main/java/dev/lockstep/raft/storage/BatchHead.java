package dev.lockstep.raft.storage;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What stands at the beginning of a batch's data, and in part once more at its end, so that each is
 * found when the other is lost. A batch is what one sync makes durable.
 *
 * <pre>
 *   head                                   foot, the last 40 data bytes
 *   0  u32  magic "BTCH"                   0  u32  magic "BEND"
 *   4  u32  blocks                         4  u32  blocks
 *   8  u64  segment sequence               8  u64  segment sequence
 *  16  u64  batch number, from 1          16  u64  batch number
 *  24  u64  previous batch: segment       24  u32  records
 *  32  u32  previous batch: block         28  u32  bytes of the echo
 *  36  u32  records                       32  u32  bytes of the directory, which ends here
 *  40  u32  bytes of all records          36  u32  CRC-32C over echo, directory and foot
 *  44  u32  bytes of the echo
 *  48  u32  bytes of the directory
 *  52  u32  CRC-32C over the head
 *  56       the records
 * </pre>
 *
 * @param blocks how many blocks the batch fills
 * @param segment sequence number of the segment that it is in
 * @param number counts the batches of the whole log from 1, without a gap
 * @param previous where the batch before it begins
 * @param records how many records it holds
 * @param recordBytes the bytes of all records, which stand one behind the other
 * @param echoBytes the bytes of the previous batch's directory, repeated before this one's
 * @param directoryBytes the bytes of the directory without the foot
 */
record BatchHead(
        int blocks,
        long segment,
        long number,
        BatchPlace previous,
        int records,
        int recordBytes,
        int echoBytes,
        int directoryBytes) {
    static final int BYTES = 56;
    static final int FOOT_BYTES = 40;
    private static final int MAGIC = 0x42544348;
    private static final int FOOT_MAGIC = 0x42454e44;

    /** Puts the head at the buffer's position. */
    void putTo(ByteBuffer to) {
        int start = to.position();
        to.putInt(MAGIC).putInt(blocks).putLong(segment).putLong(number);
        to.putLong(previous.segment()).putInt(previous.block());
        to.putInt(records).putInt(recordBytes).putInt(echoBytes).putInt(directoryBytes);
        to.putInt(checksum(to, start, to.position()));
    }

    /** Puts the foot behind echo and directory, which fill the buffer up to its position. */
    void putFootTo(ByteBuffer to) {
        to.putInt(FOOT_MAGIC).putInt(blocks).putLong(segment).putLong(number);
        to.putInt(records).putInt(echoBytes).putInt(directoryBytes);
        to.putInt(checksum(to, 0, to.position()));
    }

    /**
     * Reads the head of the batch that {@code data} holds, with nothing before it and nothing
     * behind it.
     */
    static BatchHead read(ByteBuffer data) throws Damage {
        ByteBuffer from = data.duplicate().position(0);
        int magic = from.getInt();
        int blocks = from.getInt();
        long segment = from.getLong();
        long number = from.getLong();
        BatchPlace previous = new BatchPlace(from.getLong(), from.getInt());
        BatchHead head =
                new BatchHead(
                        blocks,
                        segment,
                        number,
                        previous,
                        from.getInt(),
                        from.getInt(),
                        from.getInt(),
                        from.getInt());
        if (magic != MAGIC || from.getInt() != checksum(data, 0, BYTES - Integer.BYTES)) {
            throw new Damage("the batch's head fails its checksum");
        }
        long filled = (long) BYTES + head.recordBytes + head.endingBytes();
        if (head.recordBytes < 0
                || head.echoBytes < 0
                || head.directoryBytes < 0
                || filled > data.limit()) {
            throw new Damage("the batch's parts take " + filled + " bytes, it has " + data.limit());
        }
        head.checkFoot(data);
        return head;
    }

    /** In which segment the batch was written whose first block's data this is; 0 if in none. */
    static long segmentIn(ByteBuffer firstBlock) {
        boolean whole =
                firstBlock.getInt(0) == MAGIC
                        && firstBlock.getInt(BYTES - Integer.BYTES)
                                == checksum(firstBlock, 0, BYTES - Integer.BYTES);
        return whole ? firstBlock.getLong(2 * Integer.BYTES) : 0;
    }

    /** The previous batch's directory, as this one's data repeats it. */
    ByteBuffer echo(ByteBuffer data) {
        return data.slice((int) (data.limit() - endingBytes()), echoBytes);
    }

    private long endingBytes() {
        return (long) echoBytes + directoryBytes + FOOT_BYTES;
    }

    /** The directory in a batch's data. */
    ByteBuffer directory(ByteBuffer data) {
        return data.slice(data.limit() - FOOT_BYTES - directoryBytes, directoryBytes);
    }

    private void checkFoot(ByteBuffer data) throws Damage {
        ByteBuffer foot = data.duplicate().position(data.limit() - FOOT_BYTES);
        boolean same =
                foot.getInt() == FOOT_MAGIC
                        && foot.getInt() == blocks
                        && foot.getLong() == segment
                        && foot.getLong() == number
                        && foot.getInt() == records
                        && foot.getInt() == echoBytes
                        && foot.getInt() == directoryBytes
                        && foot.getInt()
                                == checksum(
                                        data,
                                        (int) (data.limit() - endingBytes()),
                                        data.limit() - Integer.BYTES);
        if (!same) {
            throw new Damage("the batch's foot differs from its head or fails its checksum");
        }
    }

    private static int checksum(ByteBuffer bytes, int from, int until) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().limit(until).position(from));
        return (int) crc.getValue();
    }
}
