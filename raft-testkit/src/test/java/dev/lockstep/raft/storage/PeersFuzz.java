package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.testkit.fuzz.Fuzz;
import dev.lockstep.raft.testkit.fuzz.MemoryDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * The file {@code peers}, with its length and checksum made right unless the first bit says no.
 * What is accepted is written again as the same bytes.
 */
public final class PeersFuzz {
    private static final ClusterId CLUSTER = new ClusterId("cluster");

    private PeersFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        byte[] file = input.clone();
        IdentityFuzz.seal(file);
        MemoryDisk disk = new MemoryDisk().put(PeersFile.NAME, file);
        Fuzz.check(
                file.length,
                128 << 10,
                () -> {
                    PeerTable table = PeersFile.read(disk, CLUSTER);
                    MemoryDisk again = new MemoryDisk();
                    PeersFile.write(again, table);
                    if (!Arrays.equals(file, bytes(again))) {
                        throw new AssertionError(table + " is written as other bytes");
                    }
                });
    }

    public static List<byte[]> seeds() {
        MemoryDisk disk = new MemoryDisk();
        PeerTable table =
                PeerTable.EMPTY
                        .with(start("n1", 3))
                        .with(start("a-node-with-a-longer-name", 1L << 40))
                        .with(start("n1", 4));
        try {
            PeersFile.write(disk, table);
            return List.of(bytes(disk));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static HostIdentity start(String node, long boot) {
        return new HostIdentity(CLUSTER, NodeId.of(node), new UUID(1, boot), boot, -boot);
    }

    private static byte[] bytes(Disk disk) throws IOException {
        try (Disk.File file = disk.open(PeersFile.NAME)) {
            ByteBuffer read = ByteBuffer.allocate((int) file.size());
            return Arrays.copyOf(read.array(), file.read(read, 0));
        }
    }
}
