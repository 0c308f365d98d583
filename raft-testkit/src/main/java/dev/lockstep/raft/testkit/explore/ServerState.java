package dev.lockstep.raft.testkit.explore;

import dev.lockstep.raft.model.Role;

/**
 * One server in one distinct state: what the checks and the choice of actions need to know of it,
 * and the way to bring a live one there again. Logs are numbers of entries, see {@link Cast}; no
 * array is changed. Equal only to itself, since there is one for each state.
 */
final class ServerState {
    private final int number;
    private final long digest;
    private final LiveServer.Start start;
    private final int before;
    private final int action;
    private final Role role;
    private final long term;
    private final long commit;
    private final int[] log;
    private final int[] durable;
    private final Configuration configuration;
    private final int[] votes;
    private final boolean hearsLeader;
    private final boolean runsOnWitness;
    private final int[] unsyncedParts;

    /**
     * @param number its own, in the order of discovery
     * @param start where its present life began
     * @param before the number of the state before {@code action}; -1 just after the start
     * @param action what led here from there
     */
    ServerState(
            int number,
            long digest,
            LiveServer live,
            LiveServer.Start start,
            int before,
            int action,
            Cast cast) {
        this.number = number;
        this.digest = digest;
        this.start = start;
        this.before = before;
        this.action = action;
        role = live.role();
        term = live.term();
        commit = live.commitIndex();
        log = cast.entries(live.log());
        durable = cast.entries(live.disk().entries());
        configuration = cast.configuration(log);
        votes = live.votes();
        hearsLeader = live.hearsLeader();
        runsOnWitness = live.core().runsOnWitness();
        unsyncedParts = live.unsyncedParts();
        assert commit <= log.length : "commit " + commit + " of " + log.length;
    }

    int number() {
        return number;
    }

    long digest() {
        return digest;
    }

    int server() {
        return start.server();
    }

    LiveServer.Start start() {
        return start;
    }

    int before() {
        return before;
    }

    int action() {
        return action;
    }

    Role role() {
        return role;
    }

    boolean leads() {
        return role == Role.LEADER;
    }

    long term() {
        return term;
    }

    long commit() {
        return commit;
    }

    /** The core's log, from index 1 on. */
    int[] log() {
        return log;
    }

    /** The part of it, or of an earlier one, that the disk holds. */
    int[] durable() {
        return durable;
    }

    /** The one in force by its log. */
    Configuration configuration() {
        return configuration;
    }

    boolean isVoter() {
        return ((configuration.voters() | configuration.outgoing()) >> server() & 1) != 0;
    }

    /** By term the server that it voted for, -1 for none. */
    int[] votes() {
        return votes;
    }

    /** Whether it can lose faith in its leader before it campaigns. */
    boolean hearsLeader() {
        return hearsLeader;
    }

    /** Whether it leads and says that commits need a witness. */
    boolean runsOnWitness() {
        return runsOnWitness;
    }

    /** The number of parts of each write that isn't durable yet. */
    int[] unsyncedParts() {
        return unsyncedParts;
    }
}
