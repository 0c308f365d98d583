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
import java.util.zip.CRC32C;

/**
 * The file {@code identity}, with its length and checksum made right unless the first bit says no.
 */
public final class IdentityFuzz {
    private IdentityFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        byte[] file = input.clone();
        seal(file);
        MemoryDisk disk = new MemoryDisk().put("identity", file);
        Fuzz.check(file.length, 64 << 10, () -> StorageInspection.identity(disk));
    }

    static void seal(byte[] file) {
        if (file.length >= 20 && file[0] >= 0) {
            ByteBuffer bytes = ByteBuffer.wrap(file);
            bytes.putInt(12, file.length).putInt(16, 0);
            CRC32C crc = new CRC32C();
            crc.update(file);
            bytes.putInt(16, (int) crc.getValue());
        }
    }

    public static List<byte[]> seeds() {
        MemoryDisk disk = new MemoryDisk();
        byte[] bytes = new byte[200];
        try {
            IdentityFile.write(
                    disk,
                    new HostIdentity(
                            new ClusterId("cluster"), NodeId.of("n1"), new UUID(1, 2), 3, 4));
            ByteBuffer read = ByteBuffer.wrap(bytes);
            try (Disk.File file = disk.open("identity")) {
                return List.of(Arrays.copyOf(bytes, file.read(read, 0)));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
