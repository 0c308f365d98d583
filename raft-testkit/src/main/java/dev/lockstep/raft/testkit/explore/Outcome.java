package dev.lockstep.raft.testkit.explore;

/** What an action did to one server. */
final class Outcome {
    private final ServerState next;
    private final int[] sent;
    private final long[] reads;
    private final boolean wrote;

    /**
     * @param sent the numbers of the messages that left, in their order
     * @param reads number and index of each read that was answered
     * @param wrote whether something was given to the disk
     */
    Outcome(ServerState next, int[] sent, long[] reads, boolean wrote) {
        this.next = next;
        this.sent = sent;
        this.reads = reads;
        this.wrote = wrote;
    }

    ServerState next() {
        return next;
    }

    int[] sent() {
        return sent;
    }

    long[] reads() {
        return reads;
    }

    boolean wrote() {
        return wrote;
    }
}
