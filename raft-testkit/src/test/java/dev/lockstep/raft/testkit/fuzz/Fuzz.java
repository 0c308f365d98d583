package dev.lockstep.raft.testkit.fuzz;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;

/** What every fuzz target asks of a decoder. */
public final class Fuzz {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long BYTES_PER_BYTE = 256;

    private Fuzz() {}

    /** Decodes something; throws what a decoder of damaged or hostile bytes may throw. */
    @FunctionalInterface
    public interface Decoding {
        void run() throws IOException;
    }

    /**
     * A decoder refuses with an {@link IOException} or {@link IllegalArgumentException}, and
     * allocates no more than it has bytes for, whatever they claim.
     *
     * @param fixedBytes what it allocates for any input, buffers and messages
     */
    public static void check(int inputBytes, long fixedBytes, Decoding decoding) {
        long bound = fixedBytes + BYTES_PER_BYTE * inputBytes;
        if (allocated(decoding) <= bound) {
            return;
        }
        long again = allocated(decoding); // the first time may have loaded classes
        if (again > bound) {
            throw new AssertionError(
                    inputBytes + " bytes made it allocate " + again + ", bound " + bound);
        }
    }

    private static long allocated(Decoding decoding) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            decoding.run();
        } catch (IOException | IllegalArgumentException e) {
            if (e.getMessage() == null || e.getMessage().isBlank()) {
                throw new AssertionError("refused without a reason", e);
            }
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
