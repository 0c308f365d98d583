package dev.lockstep.examples.kv.demo;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The end of somebody's patience. */
final class Deadline {
    private final Duration patience;
    private final long endNanos;

    private Deadline(Duration patience) {
        this.patience = patience;
        this.endNanos = System.nanoTime() + patience.toNanos();
    }

    static Deadline in(Duration patience) {
        return new Deadline(patience);
    }

    /**
     * @throws IOException when it is over; says what didn't happen
     */
    void check(String missing, @Nullable Exception cause) throws IOException {
        if (System.nanoTime() - endNanos >= 0) {
            String detail = cause == null ? "" : " (" + cause.getMessage() + ")";
            throw new IOException(
                    "after " + patience.toSeconds() + " s: " + missing + detail, cause);
        }
    }
}
