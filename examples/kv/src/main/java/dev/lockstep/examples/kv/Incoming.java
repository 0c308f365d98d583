package dev.lockstep.examples.kv;

/** What comes from a client, in the order in which it must be answered. */
sealed interface Incoming {
    /** A request's bytes, with what they cost to keep. */
    int weightBytes();

    /** A request. */
    record Asked(Words words) implements Incoming {
        @Override
        public int weightBytes() {
            return words.weightBytes();
        }
    }

    /** A request that was too large to be kept; the connection goes on behind it. */
    record Refused(String error) implements Incoming {
        @Override
        public int weightBytes() {
            return error.length();
        }
    }

    /**
     * Bytes that aren't the protocol. Nothing behind them can be understood, so the connection ends
     * here.
     */
    record Broken(String error) implements Incoming {
        @Override
        public int weightBytes() {
            return error.length();
        }
    }
}
