package dev.lockstep.raft.spi;

/** The two clocks of a host. Safety rests on neither. */
public interface Clock {
    /** The real ones of this machine. */
    Clock SYSTEM =
            new Clock() {
                @Override
                public long nanoTime() {
                    return System.nanoTime();
                }

                @Override
                public long wallMillis() {
                    return System.currentTimeMillis();
                }
            };

    /** Monotonic, in nanoseconds from an arbitrary origin; compare by difference. */
    long nanoTime();

    /** Milliseconds since 1970; may jump. Becomes the timestamps of entries and nothing else. */
    long wallMillis();
}
