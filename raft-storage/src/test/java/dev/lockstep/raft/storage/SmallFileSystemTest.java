package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.spi.LogStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real file system that really is full. It needs the right to mount one. */
class SmallFileSystemTest {
    private static final int SEGMENT_BYTES = 64 << 10;

    @TempDir Path mountPoint;
    private boolean mounted;
    private long last;

    @BeforeEach
    void mount() throws Exception {
        String refusal = run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mountPoint + "");
        mounted = refusal.isEmpty();
        assumeTrue(mounted, "no small file system can be mounted here: " + refusal);
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertThat(run("umount", "-l", mountPoint + "")).isEmpty();
        }
    }

    /** Returns what went wrong. */
    private static String run(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? "" : said.strip() + " (" + List.of(command) + ")";
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    private LogStore open() throws IOException {
        LogStore store =
                FileStorage.in(mountPoint.resolve("log"))
                        .withSegmentBytes(SEGMENT_BYTES)
                        .open(Samples.CLUSTER, Samples.NODE);
        last = store.replica(Samples.GROUP).lastIndex();
        return store;
    }

    private void append(LogStore store) throws IOException {
        store.append(Samples.entries(Samples.GROUP, Samples.entry(1, last + 1, 2000)));
        last++;
        store.sync();
    }

    private void fill(LogStore store) {
        assertThatThrownBy(
                        () -> {
                            while (true) {
                                append(store);
                            }
                        })
                .isInstanceOf(DiskFullException.class);
    }

    /** A segment is made by another thread. */
    private static void awaitRoom(LogStore store) {
        await().until(
                        () -> {
                            store.lookForRoom();
                            return store.diskFull() == null;
                        });
    }

    @Test
    void aFullOneIsFoundAndGoneOnFromWhenItIsEnlargedAndWhenItIsEmptied() throws Exception {
        Path other = mountPoint.resolve("other");
        try (LogStore store = open()) {
            store.append(Samples.term(Samples.GROUP, 1));
            store.sync();
            fill(store);
            long whenFull = last;
            assertThat(whenFull).as("about what a megabyte holds").isBetween(300L, 600L);
            store.append(Samples.term(Samples.GROUP, 2));
            store.sync();
            assertThat(run("mount", "-o", "remount,size=2m", mountPoint + "")).isEmpty();
            awaitRoom(store);
            store.append(Samples.term(Samples.GROUP, 3));
            for (int i = 0; i < 50; i++) {
                append(store);
            }
            // Now somebody else's file takes the rest.
            writeUntilFull(other);
            fill(store);
            assertThat(last).isGreaterThanOrEqualTo(whenFull + 50);
        }
        try (LogStore store = open()) { // while it is full
            store.append(Samples.term(Samples.GROUP, 4));
            store.sync();
            fill(store);
            Files.delete(other);
            awaitRoom(store);
            append(store);
        }
        try (LogStore store = open()) {
            assertThat(store.replica(Samples.GROUP).hardState().term()).isEqualTo(4);
            assertThat(Samples.log(store, Samples.GROUP)).hasSize((int) last);
        }
    }

    private static void writeUntilFull(Path file) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            while (true) {
                out.write(new byte[4096]);
            }
        } catch (IOException e) {
            assertThat(Room.named(file, e)).isInstanceOf(DiskFullException.class);
        }
    }
}
