package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.testkit.fuzz.Fuzz;
import dev.lockstep.raft.testkit.fuzz.MemoryDisk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Batches, directories and records: the input says which records a log holds, and all checksums are
 * made right, so that every decoder behind them is reached; or it says which bytes of such a log
 * are damaged. What opens must open again.
 */
public final class LogFuzz {
    private static final ClusterId CLUSTER = new ClusterId("c");
    private static final NodeId NODE = NodeId.of("n");
    private static final UUID HOST = new UUID(1, 2);
    private static final GroupId[] GROUPS = {GroupId.of("a"), GroupId.of("b")};
    private static final int BLOCKS = 64;
    private static final int MOST_RECORDS = 40;
    private static final int NEXT_BATCH = 0x80;
    private static final long FIXED_BYTES = 4 << 20;

    private LogFuzz() {}

    /** The first byte: how many of the last ones are damage, three for each byte. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        int damages = Math.min((input[0] & 0xff) % 8, (input.length - 1) / 3);
        byte[] segment = segment(Arrays.copyOfRange(input, 1, input.length - 3 * damages));
        for (int i = 0; i < damages; i++) {
            int from = input.length - 3 * (i + 1);
            int at = ((input[from] & 0xff) << 8 | input[from + 1] & 0xff) % segment.length;
            segment[at] ^= input[from + 2];
        }
        MemoryDisk disk = new MemoryDisk().put(Segment.name(1), segment);
        Fuzz.check(
                input.length,
                FIXED_BYTES,
                () -> {
                    IdentityFile.write(disk, new HostIdentity(CLUSTER, NODE, HOST, 1, 7));
                    StorageInspection.walk(disk, HOST, new Reading());
                    open(disk);
                    try {
                        open(disk);
                    } catch (IOException e) {
                        throw new AssertionError("it opened once", e);
                    }
                });
    }

    private static final class Reading implements LogVisitor {
        @Override
        public void record(StoredRecord record) {
            if (record.says().isEmpty() && record.kind().equals("ENTRY")
                    || record.payload().size() > record.bytes()) {
                throw new AssertionError(record);
            }
            GroupId unused = record.named();
        }

        @Override
        public void damage(StoredDamage damage) {
            if (damage.from() > damage.offset()) {
                throw new AssertionError(damage);
            }
        }

        @Override
        public void unfinished(String file, long offset) {}
    }

    private static void open(Disk disk) throws IOException {
        try (LogStore store =
                FileStorage.on(disk, new Random(1)).withSegmentBytes(8192).open(CLUSTER, NODE)) {
            for (GroupId group : GROUPS) {
                try {
                    RecoveredReplica replica = store.replica(group);
                    for (long next = replica.base().index() + 1; next <= replica.lastIndex(); ) {
                        next += store.read(group, next, 1 << 16).size();
                    }
                } catch (StorageException e) {
                    assert e.getMessage() != null; // this group's alone
                }
            }
        }
    }

    /** A segment of batches with right checksums; bytes that are left over are dropped. */
    private static byte[] segment(byte[] script) {
        Blocks blocks = new Blocks(ByteBuffer.allocate(BLOCKS * Blocks.BYTES));
        new SegmentHeader(1, 99, BLOCKS, HOST).putInto(blocks);
        ByteBuffer in = ByteBuffer.wrap(script);
        BatchPlace previous = BatchPlace.NONE;
        byte[] echo = new byte[0];
        int at = 1;
        for (long number = 1; in.hasRemaining(); number++) {
            ByteArrayOutputStream records = new ByteArrayOutputStream();
            ByteBuffer directory = ByteBuffer.allocate(MOST_RECORDS * 37);
            int count = 0;
            boolean more = true;
            while (more && count < MOST_RECORDS && in.remaining() >= 5) {
                more = (in.get(in.position()) & NEXT_BATCH) == 0;
                record(in, records, directory);
                count++;
            }
            if (count == 0) {
                break;
            }
            byte[] own = Arrays.copyOf(directory.array(), directory.position());
            int filled =
                    BatchHead.BYTES
                            + records.size()
                            + echo.length
                            + own.length
                            + BatchHead.FOOT_BYTES;
            int needed = Blocks.needed(filled);
            if (at + needed > BLOCKS) {
                break;
            }
            BatchHead head =
                    new BatchHead(
                            needed,
                            1,
                            number,
                            previous,
                            count,
                            records.size(),
                            echo.length,
                            own.length);
            put(blocks, at, head, records.toByteArray(), echo, own);
            previous = new BatchPlace(1, at);
            at += needed;
            echo = own;
        }
        byte[] bytes = new byte[BLOCKS * Blocks.BYTES];
        blocks.first(BLOCKS).get(bytes);
        return bytes;
    }

    private static void put(
            Blocks blocks, int at, BatchHead head, byte[] records, byte[] echo, byte[] own) {
        ByteBuffer front = ByteBuffer.allocate(BatchHead.BYTES);
        head.putTo(front);
        int base = at * Blocks.DATA_BYTES;
        blocks.put(base, front.flip());
        blocks.put(base + BatchHead.BYTES, ByteBuffer.wrap(records));
        ByteBuffer ending =
                ByteBuffer.allocate(echo.length + own.length + BatchHead.FOOT_BYTES)
                        .put(echo)
                        .put(own);
        head.putFootTo(ending);
        blocks.put(base + head.blocks() * Blocks.DATA_BYTES - ending.capacity(), ending.flip());
        for (int i = 0; i < head.blocks(); i++) {
            blocks.seal(at + i, 99, at + i, head.blocks() - 1 - i, i == 0);
        }
    }

    /** Five bytes: kind, group, term, index, bytes of the body, which follows. */
    private static void record(ByteBuffer in, ByteArrayOutputStream to, ByteBuffer directory) {
        byte kind = (byte) (in.get() & 0xf);
        int who = in.get() & 0xff;
        long group = who < GROUPS.length ? GROUPS[who].key() : who - GROUPS.length;
        long term = in.get();
        long index = in.get();
        byte[] body = new byte[Math.min(in.get() & 0xff, in.remaining())];
        in.get(body);
        ByteBuffer record = ByteBuffer.allocate(RecordHead.BYTES + body.length);
        record.putInt(record.capacity()).putInt(0).put(kind);
        record.putLong(group).putLong(term).putLong(index).put(body);
        CRC32C crc = new CRC32C();
        crc.update(record.array(), 0, RecordHead.CHECKSUM_AT);
        crc.update(record.array(), RecordHead.KIND_AT, record.capacity() - RecordHead.KIND_AT);
        record.putInt(RecordHead.CHECKSUM_AT, (int) crc.getValue());
        to.writeBytes(record.array());
        directory.putLong(group).put(kind).putLong(term).putLong(index).putInt(1);
        directory.putInt(record.capacity()).putInt((int) crc.getValue());
    }

    /** Logs that open, for the fuzzer to begin with. */
    public static List<byte[]> seeds() {
        ReplicaId self = new ReplicaId(NODE, new UUID(3, 4));
        ByteBuffer replica = ByteBuffer.allocate(100);
        Bodies.putUuid(replica, self.incarnation());
        replica.putLong(0).putLong(0).putInt(0).putLong(0);
        Bodies.putName(replica, "a");
        Founding founding = new Founding(new UUID(5, 6), Membership.ofVoters(List.of(self)), true);
        ByteBuffer founded = ByteBuffer.allocate(200);
        Bodies.putFounding(founded, founding);
        ByteBuffer vote = ByteBuffer.allocate(100);
        Bodies.putVote(vote, self);
        vote.putLong(0);
        byte[] entry = new byte[12];
        entry[0] = 1;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        log.write(0);
        script(log, 1 | NEXT_BATCH, 0, 0, bytes(replica));
        script(log, 2, 0, 0, bytes(founded));
        script(log, 3 | NEXT_BATCH, 2, 0, bytes(vote));
        script(log, 5, 1, 1, entry);
        script(log, 5, 2, 2, entry);
        script(log, 5 | NEXT_BATCH, 2, 3, entry);
        script(log, 4, 0, 3, new byte[0]);
        byte[] whole = log.toByteArray();
        byte[] damaged = Arrays.copyOf(whole, whole.length + 3);
        damaged[0] = 1;
        damaged[whole.length] = 4;
        damaged[whole.length + 2] = 1;
        return List.of(whole, damaged);
    }

    private static void script(
            ByteArrayOutputStream to, int kind, int term, int index, byte[] body) {
        to.write(kind);
        to.write(0);
        to.write(term);
        to.write(index);
        to.write(body.length);
        to.writeBytes(body);
    }

    private static byte[] bytes(ByteBuffer filled) {
        byte[] bytes = new byte[filled.position()];
        filled.flip().get(bytes);
        return bytes;
    }
}
