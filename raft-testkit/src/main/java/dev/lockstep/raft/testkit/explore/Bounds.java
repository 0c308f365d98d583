package dev.lockstep.raft.testkit.explore;

/**
 * What keeps the states few. Within these everything happens in every order: each message is
 * delivered at any time or never, each timer fires at any time.
 *
 * @param terms the last term; what leads beyond isn't followed
 * @param inFlight messages on their way at once, equal ones counted as one; who sends more loses
 *     them
 * @param events of all the following together, on a way from the start
 * @param campaigns election timers that fire, on a way
 * @param heartbeats rounds of them, on a way
 * @param proposals commands that clients propose, on a way
 * @param crashes of any server, with each possible remainder of what wasn't durable, on a way
 * @param slowWrites times that a disk which has nothing to do keeps back a write, and then all
 *     after it, for any while, on a way
 * @param duplicates deliveries of a message that is still on its way afterwards, on a way
 * @param drops messages that are lost to make room, on a way
 * @param reads questions for a read index, on a way
 * @param transfers of leadership, on a way
 * @param changes of the membership, on a way
 */
record Bounds(
        int terms,
        int inFlight,
        int events,
        int campaigns,
        int heartbeats,
        int proposals,
        int crashes,
        int slowWrites,
        int duplicates,
        int drops,
        int reads,
        int transfers,
        int changes) {
    /** How often that kind of action may happen on a way from the start. */
    int of(Action.Kind kind) {
        return switch (kind) {
            case CAMPAIGN -> campaigns;
            case HEARTBEAT -> heartbeats;
            case PROPOSE -> proposals;
            case CRASH -> crashes;
            case DUPLICATE -> duplicates;
            case DROP -> drops;
            case READ -> reads;
            case HAND_OVER -> transfers;
            case CHANGE -> changes;
            case DELIVER, DELIVER_LATE, SYNC -> Integer.MAX_VALUE;
        };
    }

    /** Whether the kind counts as an event from outside. */
    boolean counts(Action.Kind kind) {
        return of(kind) != Integer.MAX_VALUE;
    }

    @Override
    public String toString() {
        return "terms to "
                + terms
                + ", "
                + inFlight
                + " messages in flight; on each way at most "
                + events
                + " events from outside: "
                + campaigns
                + " campaigns, "
                + heartbeats
                + " rounds of heartbeats, "
                + proposals
                + " proposals, "
                + crashes
                + " crashes, "
                + slowWrites
                + " slow writes, "
                + duplicates
                + " duplicates, "
                + drops
                + " drops, "
                + reads
                + " reads, "
                + transfers
                + " transfers, "
                + changes
                + " changes of the membership";
    }
}
