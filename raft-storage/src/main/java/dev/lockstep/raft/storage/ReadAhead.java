package dev.lockstep.raft.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Reads files from their beginning to their end, in chunks: while one is looked at, the next is
 * fetched. Used by one thread.
 */
final class ReadAhead {
    private final Executor executor;
    private Disk.File file;
    private Blocks chunk;
    private Blocks next;

    /** The first block of what is being fetched into {@link #next}. */
    private int nextFrom;

    private @Nullable CompletableFuture<Integer> fetched;

    /**
     * @param file the first of them
     * @param blocks of a chunk
     * @param executor where chunks are fetched; the caller's thread in simulation
     */
    ReadAhead(Disk.File file, int blocks, Executor executor) {
        this.file = file;
        this.chunk = Blocks.direct(blocks);
        this.next = Blocks.direct(blocks);
        this.executor = executor;
    }

    /** Reads another file from now on. */
    void on(Disk.File other) {
        forget();
        file = other;
    }

    /** What was read last; the next read changes it. */
    Blocks chunk() {
        return chunk;
    }

    /**
     * Reads a chunk, or so many blocks of it.
     *
     * @return how many bytes there are; fewer at the file's end
     */
    int read(int from, int blocks) throws IOException {
        int wanted = blocks * Blocks.BYTES;
        int count;
        if (fetched != null && nextFrom == from) {
            count = Math.min(settle(fetched), wanted);
            Blocks done = chunk;
            chunk = next;
            next = done;
        } else {
            forget();
            count = file.read(chunk.first(blocks), (long) from * Blocks.BYTES);
        }
        if (count == chunk.count() * Blocks.BYTES) {
            fetch(from + chunk.count());
        }
        return count;
    }

    private void fetch(int from) {
        nextFrom = from;
        Disk.File source = file;
        Blocks target = next;
        fetched =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return source.read(
                                        target.first(target.count()), (long) from * Blocks.BYTES);
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        },
                        executor);
    }

    private int settle(CompletableFuture<Integer> awaited) throws IOException {
        fetched = null;
        try {
            return awaited.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof UncheckedIOException failed) {
                throw failed.getCause();
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }

    /** Waits for what nobody wants any more, since its buffer is wanted. */
    private void forget() {
        if (fetched != null) {
            try {
                int unusedCount = settle(fetched);
            } catch (IOException e) {
                // It is read again, if at all, and fails then.
            }
        }
    }
}
