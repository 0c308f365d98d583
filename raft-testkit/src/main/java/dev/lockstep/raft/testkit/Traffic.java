package dev.lockstep.raft.testkit;

/**
 * How much the clients of a run ask for.
 *
 * @param clients how many there are, each with one thing at a time
 * @param sessions how many more there are that write in sessions
 * @param window how many commands each of these has under way at once
 * @param maxThinkNanos how long a client waits at most, half of that on average, before it asks
 *     again
 * @param floodCommands the most that is proposed at once in a flood
 */
public record Traffic(
        int clients, int sessions, int window, long maxThinkNanos, int floodCommands) {
    /** Enough to keep a cluster at work. */
    public static final Traffic BUSY = new Traffic(6, 2, 2, 60_000_000, 20);

    /** The same clients, which wait for so long at most. */
    Traffic thinking(long newMaxThinkNanos) {
        return new Traffic(clients, sessions, window, newMaxThinkNanos, floodCommands);
    }
}
