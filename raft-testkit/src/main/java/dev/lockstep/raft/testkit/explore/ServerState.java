package dev.lockstep.raft.testkit.explore;

import dev.lockstep.raft.model.Role;

/**
 * One server in one distinct state: what the checks and the choice of actions need to know of it,
 * and the way to bring a live one there again. Logs are numbers of entries, see {@link Cast}.
 *
 * @param number its own, in the order of discovery
 * @param server whose state it is
 * @param start where its present life began
 * @param before the state before {@code action}; -1 just after the start
 * @param action what led here from {@code before}
 * @param log the core's log, from index 1 on
 * @param durable the part of it, or of an earlier one, that the disk holds
 * @param configuration the one in force by that log
 * @param votes by term the server that it voted for, -1 for none
 * @param hearsLeader whether it can lose faith in its leader before it campaigns
 * @param unsyncedParts the number of parts of each write that isn't durable yet
 */
record ServerState(
        int number,
        long digest,
        int server,
        LiveServer.Start start,
        int before,
        int action,
        Role role,
        long term,
        long commit,
        int[] log,
        int[] durable,
        Configuration configuration,
        int[] votes,
        boolean hearsLeader,
        int[] unsyncedParts) {
    boolean leads() {
        return role == Role.LEADER;
    }

    boolean isVoter() {
        return ((configuration.voters() | configuration.outgoing()) >> server & 1) != 0;
    }

    /** What an action did to one server. */
    record Outcome(ServerState next, int[] sent, long[] reads, boolean wrote) {}
}
