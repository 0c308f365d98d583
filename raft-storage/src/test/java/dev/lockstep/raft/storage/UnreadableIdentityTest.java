package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.LogStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** A disk that doesn't read a host's identity, for a while. */
class UnreadableIdentityTest {
    private final CrashDisk disk = new CrashDisk();

    private record WithoutIdentity(Disk disk) implements DelegatingDisk {
        @Override
        public Disk.File open(String name) throws IOException {
            Disk.File opened = disk.open(name);
            return name.equals(IdentityFile.NAME) ? new Unread(opened) : opened;
        }
    }

    private record Unread(Disk.File file) implements DelegatingDisk.File {
        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            throw new IOException("Input/output error");
        }
    }

    @Test
    void anIdentityThatTheDiskDoesNotReadIsNamedAndReadTheNextTime() throws IOException {
        Samples.open(disk, 1).close();
        long operations = disk.operations();
        assertThatThrownBy(() -> Samples.open(new WithoutIdentity(disk), 2))
                .isInstanceOfSatisfying(
                        StorageException.class,
                        e -> assertThat(e.fault().code()).isEqualTo(Fault.Code.STORAGE_FAILED))
                .hasMessageContaining(IdentityFile.NAME + " in ")
                .hasMessageContaining("Input/output error");
        assertThat(disk.operations()).as("changes on a refusal").isEqualTo(operations);
        try (LogStore store = Samples.open(disk, 3)) {
            assertThat(store.identity().boot()).isEqualTo(2);
        }
    }
}
