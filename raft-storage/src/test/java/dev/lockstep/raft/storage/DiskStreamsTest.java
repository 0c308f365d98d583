package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A file as a stream of bytes. */
class DiskStreamsTest {
    @Test
    void whatIsWrittenInAnyPortionsIsReadInAnyPortions() throws IOException {
        CrashDisk disk = new CrashDisk();
        try (Disk.File file = disk.create("f");
                OutputStream out = DiskStreams.writing(file)) {
            out.write(0xfe);
            out.write(new byte[] {1, 2, 3, 4}, 1, 2);
            out.write(0);
            out.write(5);
        }
        assertThat(disk.bytes("f")).containsExactly(0xfe, 2, 3, 0, 5);
        AtomicBoolean closed = new AtomicBoolean();
        Disk.File opened = disk.open("f");
        Disk.File watched =
                new DelegatingDisk.File() {
                    @Override
                    public Disk.File file() {
                        return opened;
                    }

                    @Override
                    public void close() {
                        closed.set(true);
                    }
                };
        try (InputStream in = DiskStreams.reading(watched)) {
            assertThat(in.read()).as("unsigned").isEqualTo(0xfe);
            assertThat(in.read(new byte[9], 0, 0)).isZero();
            byte[] two = new byte[4];
            assertThat(in.read(two, 1, 2)).isEqualTo(2);
            assertThat(two).containsExactly(0, 2, 3, 0);
            assertThat(in.read()).isZero();
            assertThat(in.read()).isEqualTo(5);
            assertThat(in.read()).as("the end").isEqualTo(-1);
            assertThat(in.read(two, 0, 4)).isEqualTo(-1);
        }
        assertThat(closed).isTrue();
    }
}
