package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is fetched ahead is what would be read, in whatever order it is asked for. */
class ReadAheadTest {
    private static final int CHUNK = 4;

    private final CrashDisk disk = new CrashDisk();
    private final List<Long> reads = new ArrayList<>();
    private boolean fails;

    private byte[] fill(String name, int blocks) {
        byte[] bytes = new byte[blocks * Blocks.BYTES];
        new Random(blocks).nextBytes(bytes);
        disk.put(name, bytes);
        return bytes;
    }

    private Disk.File file(String name) throws IOException {
        Disk.File opened = disk.open(name);
        return new DelegatingDisk.File() {
            @Override
            public Disk.File file() {
                return opened;
            }

            @Override
            public int read(ByteBuffer target, long position) throws IOException {
                if (fails) {
                    throw new IOException("Input/output error");
                }
                reads.add(position / Blocks.BYTES);
                return opened.read(target, position);
            }
        };
    }

    private static void check(ReadAhead ahead, byte[] bytes, int from, int blocks)
            throws IOException {
        int count = ahead.read(from, blocks);
        int until = Math.min(bytes.length, (from + blocks) * Blocks.BYTES);
        assertThat(count).isEqualTo(until - from * Blocks.BYTES);
        byte[] read = new byte[count];
        ahead.chunk().first(blocks).get(read);
        assertThat(read).isEqualTo(Arrays.copyOfRange(bytes, from * Blocks.BYTES, until));
    }

    @Test
    void aFileIsReadOnceFromItsBeginningToItsEnd() throws IOException {
        byte[] bytes = fill("a", 3 * CHUNK + 2);
        ReadAhead ahead = new ReadAhead(file("a"), CHUNK, Runnable::run);
        for (int from = 0; from < 3 * CHUNK + 2; from += CHUNK) {
            check(ahead, bytes, from, Math.min(CHUNK, 3 * CHUNK + 2 - from));
        }
        assertThat(reads).containsExactly(0L, 4L, 8L, 12L);
    }

    @Test
    void whoAsksForAnotherPlaceOrAnotherFileGetsThat() throws IOException {
        byte[] a = fill("a", 5 * CHUNK);
        byte[] b = fill("b", 4 * CHUNK);
        ReadAhead ahead = new ReadAhead(file("a"), CHUNK, Runnable::run);
        check(ahead, a, 0, CHUNK);
        check(ahead, a, 9, CHUNK);
        check(ahead, a, 2, 1);
        check(ahead, a, 6, CHUNK);
        ahead.on(file("b"));
        check(ahead, b, 10, 2); // where the next of the other file would have been
        check(ahead, b, 0, CHUNK);
        check(ahead, b, CHUNK, CHUNK);
    }

    @Test
    void whatCanNotBeFetchedAheadFailsWhenItIsWantedAndNotBefore() throws IOException {
        byte[] bytes = fill("a", 3 * CHUNK);
        ReadAhead ahead =
                new ReadAhead(
                        file("a"),
                        CHUNK,
                        work -> {
                            fails = true;
                            work.run();
                            fails = false;
                        });
        check(ahead, bytes, 0, CHUNK);
        assertThatThrownBy(() -> ahead.read(CHUNK, CHUNK))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Input/output error");
        check(ahead, bytes, CHUNK, CHUNK); // the disk reads it after all
        check(ahead, bytes, 0, CHUNK);
    }

    @Test
    void anErrorOfTheOneWhoFetchesIsTheReadersError() throws IOException {
        fill("a", 2 * CHUNK);
        Disk.File broken =
                new DelegatingDisk.File() {
                    @Override
                    public Disk.File file() {
                        throw new IllegalStateException("no file");
                    }

                    @Override
                    public int read(ByteBuffer target, long position) throws IOException {
                        if (position > 0) {
                            throw new AssertionError("a bug");
                        }
                        return disk.open("a").read(target, position);
                    }
                };
        ReadAhead ahead = new ReadAhead(broken, CHUNK, Runnable::run);
        assertThat(ahead.read(0, CHUNK)).isEqualTo(CHUNK * Blocks.BYTES);
        assertThatThrownBy(() -> ahead.read(CHUNK, CHUNK))
                .isInstanceOf(AssertionError.class)
                .hasMessage("a bug");
    }
}
