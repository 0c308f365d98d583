package dev.lockstep.raft.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A file that is read from its beginning to its end, in portions: while one is looked at, the next
 * is fetched. Any other read goes to the file itself. Used by one thread.
 */
final class ReadAhead implements Disk.File {
    private final Disk.File file;
    private final Executor executor;
    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private long position;
    private @Nullable CompletableFuture<Integer> fetched;

    /**
     * @param executor where portions are fetched; the caller's thread in simulation
     */
    ReadAhead(Disk.File file, Executor executor) {
        this.file = file;
        this.executor = executor;
    }

    @Override
    public int read(ByteBuffer target, long from) throws IOException {
        int wanted = target.remaining();
        int count = isFetched(from, wanted) ? take(target) : file.read(target, from);
        if (count == wanted) {
            fetch(from + count, wanted);
        }
        return count;
    }

    private boolean isFetched(long from, int wanted) {
        return fetched != null && position == from && buffer.capacity() >= wanted;
    }

    private int take(ByteBuffer target) throws IOException {
        int wanted = target.remaining();
        int count = Math.min(settle(), wanted);
        target.put(buffer.flip().limit(count));
        return count;
    }

    private void fetch(long from, int count) throws IOException {
        if (fetched != null) {
            settle();
        }
        if (buffer.capacity() != count) {
            buffer = ByteBuffer.allocateDirect(count);
        }
        position = from;
        ByteBuffer target = buffer.clear();
        fetched =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return file.read(target, from);
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        },
                        executor);
    }

    /** Waits for what is being fetched, and forgets it. */
    private int settle() throws IOException {
        CompletableFuture<Integer> awaited = fetched;
        fetched = null;
        try {
            return awaited == null ? 0 : awaited.join();
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

    @Override
    public String name() {
        return file.name();
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public void write(ByteBuffer source, long at) throws IOException {
        file.write(source, at);
    }

    @Override
    public void sync() throws IOException {
        file.sync();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
