package dev.lockstep.raft.testkit.explore;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.model.Entry;
import java.util.Arrays;
import java.util.function.IntPredicate;

/** What Raft promises of all servers together (figure 3.2), judged after every action. */
final class Promised {
    private final Cast cast;
    private final PromisedOfWitnesses witnesses;

    Promised(Cast cast) {
        this.cast = cast;
        this.witnesses = new PromisedOfWitnesses(cast);
    }

    /**
     * Judges the state after an action.
     *
     * @param servers all of them, after it
     * @param before the one that it touched, before it
     * @return the past with what this action adds
     */
    Past judge(Past past, ServerState[] servers, ServerState before, Outcome outcome) {
        ServerState after = outcome.next();
        Past now = past;
        if (after.leads()) {
            now = electionSafety(now, after);
            witnesses.told(after, servers, outcome);
            if (!before.leads()) {
                isElected(after, servers);
            }
        }
        boolean committed = after.commit() != before.commit();
        boolean logChanged = !Arrays.equals(before.log(), after.log());
        boolean diskChanged = !Arrays.equals(before.durable(), after.durable());
        if (diskChanged) {
            keepsCommitted(now, before, after);
        }
        if (committed) {
            now = stateMachineSafety(now, after);
            if (after.leads()) {
                durability(before, after, servers);
            }
        }
        if (logChanged) {
            witnesses.holdsItsKind(after);
            logMatching(servers, after);
        }
        if (committed || logChanged || (after.leads() && !before.leads())) {
            leaderCompleteness(now, servers);
        }
        acknowledgements(servers, outcome);
        return readsSeeAll(now, after, outcome);
    }

    private Past electionSafety(Past past, ServerState leader) {
        int first = past.leader(leader.term());
        if (first < 0) {
            return past.withLeader(leader.term(), leader.server());
        }
        if (first != leader.server()) {
            throw new Violation(
                    "election safety: "
                            + name(first)
                            + " and "
                            + name(leader.server())
                            + " both lead in term "
                            + leader.term());
        }
        return past;
    }

    /** Whoever leads has the votes of a quorum in that term. */
    private void isElected(ServerState leader, ServerState[] servers) {
        int term = (int) leader.term();
        if (!leader.configuration()
                .isQuorum(
                        i ->
                                servers[i].votes().length > term
                                        && servers[i].votes()[term] == leader.server())) {
            throw new Violation(
                    "election safety: "
                            + name(leader.server())
                            + " leads in term "
                            + term
                            + " without the votes of a quorum");
        }
    }

    /** All servers take the same entries for committed. */
    private Past stateMachineSafety(Past past, ServerState server) {
        Past now = past;
        for (int index = 1; index <= server.commit(); index++) {
            int entry = server.log()[index - 1];
            if (index > now.committed()) {
                now = now.withCommitted(entry, server.term());
            } else if (!cast.isSame(now.committedEntry(index), entry)) {
                throw new Violation(
                        "state machine safety: "
                                + name(server.server())
                                + " commits "
                                + cast.entry(entry)
                                + " where "
                                + cast.entry(now.committedEntry(index))
                                + " was committed");
            }
        }
        return now;
    }

    /** Logs that hold the same position are the same up to it. */
    private void logMatching(ServerState[] servers, ServerState changed) {
        for (ServerState other : servers) {
            if (other != changed) {
                logMatching(changed, changed.log(), other, other.log());
                logMatching(changed, changed.log(), other, other.durable());
            }
        }
    }

    private void logMatching(ServerState server, int[] log, ServerState other, int[] otherLog) {
        boolean samePosition = false;
        for (int i = Math.min(log.length, otherLog.length) - 1; i >= 0; i--) {
            samePosition |= cast.entry(log[i]).term() == cast.entry(otherLog[i]).term();
            if (samePosition && !cast.isSame(log[i], otherLog[i])) {
                throw new Violation(
                        "log matching: "
                                + name(server.server())
                                + " holds "
                                + text(log)
                                + " and "
                                + name(other.server())
                                + " "
                                + text(otherLog));
            }
        }
    }

    /** No disk drops what is committed, except by a fault that is no part of this. */
    private void keepsCommitted(Past past, ServerState before, ServerState after) {
        for (int index = 1; index <= past.committed(); index++) {
            if (holds(before.durable(), past, index) && !holds(after.durable(), past, index)) {
                throw new Violation(
                        "durability: "
                                + name(after.server())
                                + " drops "
                                + cast.entry(past.committedEntry(index))
                                + " from its disk, which was committed");
            }
        }
    }

    /**
     * What a leader takes for committed is on the disks of a quorum of the configuration by which
     * it counted: the one that was in force before the action, or the one that it appended
     * meanwhile, which is in force at once. Only the joint one must be committed by itself before
     * another replaces it.
     */
    private void durability(ServerState before, ServerState leader, ServerState[] servers) {
        for (int i = (int) before.commit() + 1; i <= leader.commit(); i++) {
            int index = i;
            int entry = leader.log()[index - 1];
            IntPredicate holds =
                    server ->
                            servers[server].durable().length >= index
                                    && cast.isSame(servers[server].durable()[index - 1], entry);
            Configuration own = cast.configurationOf(entry);
            boolean quorum =
                    own != null && own.isJoint()
                            ? own.isQuorum(holds)
                            : before.configuration().isQuorum(holds)
                                    || leader.configuration().isQuorum(holds);
            if (!quorum) {
                throw new Violation(
                        "durability: "
                                + name(leader.server())
                                + " commits "
                                + cast.entry(entry)
                                + ", which isn't on the disks of a quorum");
            }
        }
    }

    /**
     * Leaders of the term in which an entry was committed, and of later ones, hold it. And nobody
     * who doesn't hold it could be elected: those with a log that isn't fresher, the candidate
     * included, are no quorum. The second is what the proof of the first goes by (§3.6.3), and it
     * shows a wrong commit some terms earlier.
     */
    private void leaderCompleteness(Past past, ServerState[] servers) {
        for (int index = past.committed(); index >= 1; index--) {
            for (ServerState server : servers) {
                if (!holds(server.log(), past, index)) {
                    lacks(server, past, index, servers);
                }
            }
        }
    }

    private void lacks(ServerState server, Past past, int index, ServerState[] servers) {
        Entry committed = cast.entry(past.committedEntry(index));
        if (server.leads() && server.term() >= past.committedIn(index)) {
            throw new Violation(
                    "leader completeness: "
                            + name(server.server())
                            + " leads in term "
                            + server.term()
                            + " without "
                            + committed
                            + ", committed in term "
                            + past.committedIn(index));
        }
        if (server.configuration().isQuorum(i -> isUpToDate(server.log(), servers[i].log()))) {
            throw new Violation(
                    "leader completeness: "
                            + name(server.server())
                            + ", whose log is "
                            + text(server.log())
                            + ", could be elected without "
                            + committed
                            + ", which was committed in term "
                            + past.committedIn(index));
        }
    }

    private boolean holds(int[] log, Past past, int index) {
        return log.length >= index && cast.isSame(log[index - 1], past.committedEntry(index));
    }

    private boolean isUpToDate(int[] candidate, int[] voter) {
        long candidateTerm = lastTerm(candidate);
        long voterTerm = lastTerm(voter);
        return candidateTerm > voterTerm
                || (candidateTerm == voterTerm && candidate.length >= voter.length);
    }

    private long lastTerm(int[] log) {
        return log.length == 0 ? 0 : cast.entry(log[log.length - 1]).term();
    }

    /** Who acknowledges to a leader holds what that leader holds; the disk is judged before. */
    private void acknowledgements(ServerState[] servers, Outcome outcome) {
        for (int sent : outcome.sent()) {
            Cast.Flight flight = cast.flight(sent);
            if (flight.message() instanceof AppendAccepted accepted) {
                ServerState leader = servers[flight.to()];
                int[] durable = outcome.next().durable();
                int match = (int) accepted.match();
                if (leader.leads()
                        && leader.term() == accepted.term()
                        && match > 0
                        && (match > leader.log().length
                                || match > durable.length
                                || !cast.isSame(leader.log()[match - 1], durable[match - 1]))) {
                    throw new Violation(
                            name(flight.from())
                                    + " sends "
                                    + accepted
                                    + " with "
                                    + text(durable)
                                    + " on its disk to "
                                    + name(flight.to())
                                    + ", which holds "
                                    + text(leader.log()));
                }
            }
        }
    }

    /** A read sees all that was committed when it was asked (§6.4). */
    private Past readsSeeAll(Past past, ServerState server, Outcome outcome) {
        Past now = past;
        for (int i = 0; i < outcome.reads().length; i += 2) {
            int read = (int) outcome.reads()[i];
            long index = outcome.reads()[i + 1];
            if (index < now.need(read)) {
                throw new Violation(
                        "linearizable reads: "
                                + name(server.server())
                                + " may read at "
                                + index
                                + " though "
                                + now.need(read)
                                + " entries were committed before");
            }
            now = now.answered(read);
        }
        return now;
    }

    private String name(int server) {
        return cast.id(server).node().value();
    }

    private String text(int[] log) {
        StringBuilder text = new StringBuilder("[");
        for (int entry : log) {
            text.append(text.length() > 1 ? ", " : "").append(cast.entry(entry).position());
        }
        return text.append(']').toString();
    }
}
