package dev.lockstep.raft.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What runs must reach between them: every kind of fault, and every condition behind which a check
 * stands. If a fair number of seeds never reach one, the simulation has become blind there.
 */
final class Expected {
    /** Fewer seeds than that may miss something by chance. */
    static final int FAIR_NUMBER = 200;

    private static final List<String> CONDITIONS =
            List.of(
                    "a witness completes a quorum",
                    "a witness is told what no majority of full replicas holds",
                    "a witness's vote decides an election",
                    "append rejected",
                    "append trimmed",
                    "campaign for a transfer",
                    "change of members: outcome unknown",
                    "change of members: refused",
                    "configuration taken back",
                    "conflicting suffix truncated",
                    "crash in the middle of I/O",
                    "damaged disk refused: LOG_CORRUPT",
                    "damaged entries found",
                    "damaged entries repaired",
                    "dead member replaced by a spare host",
                    "dead member replaced by a spare witness",
                    "diverged replica stopped",
                    "downgraded in a restart",
                    "election lost to another candidate",
                    "election without a winner",
                    "entries read back from disk",
                    "for good: cut off",
                    "for good: deaf",
                    "for good: down",
                    "for good: flapping",
                    "for good: mute",
                    "for good: paused",
                    "for good: slow",
                    "for good: the witness is needed",
                    "follower sleeps",
                    "follower wakes",
                    "follower wakes its leader",
                    "forwarded proposal ends as NOT_LEADER",
                    "forwarded proposal ends as OVERLOADED",
                    "forwarded proposal ends as UNKNOWN",
                    "joint configuration",
                    "joint configuration committed",
                    "joint configuration left by a successor",
                    "forwarded proposal ends as DISK_FULL",
                    "full disk: a vote is written",
                    "full disk: goes on without a restart",
                    "full disk: not started",
                    "full disk: of a leader",
                    "full disk: of another",
                    "full disk: room again",
                    "leader asked for a transfer",
                    "leader deposed",
                    "leader deposed with uncommitted entries",
                    "leader elected",
                    "leader sleeps",
                    "leader wakes",
                    "leadership transferred",
                    "long conflicting suffix truncated",
                    "members changed",
                    "newcomer promoted by the operator",
                    "not done: DISK_FULL",
                    "not done: HALTED",
                    "not done: NO_LEADER",
                    "not done: OVERLOADED",
                    "not done: WITNESS",
                    "not running on the witness any more",
                    "outcome unknown",
                    "own state: answers of sessions found by a restart",
                    "own state: found by a restart",
                    "own state: newest commits lost in a crash",
                    "own state: restored from another replica's snapshot",
                    "power lost with unsynced writes",
                    "pre-candidate gave up",
                    "pre-vote refused",
                    "proposal forwarded",
                    "not done: SESSION_EXPIRED",
                    "replica began anew after damage",
                    "not done: SESSION_FULL",
                    "read: BoundedStaleness",
                    "read: Lease",
                    "read: Linearizable",
                    "read: Local",
                    "read: Sequential",
                    "read refused, to be asked again",
                    "running on the witness",
                    "sleeper is told that nobody leads it from there",
                    "sleeper suspects the host of its leader",
                    "snapshot installed",
                    "snapshot taken",
                    "removed host came back empty and votes",
                    "removed witness came back empty and votes",
                    "session expired",
                    "send refused: lane LOG is full",
                    "sent from the next version to this",
                    "sent from this version to the next",
                    "session opened",
                    "session: answered after a call of unknown outcome",
                    "spare host became a voter",
                    "spare host leads",
                    "states differ",
                    "stopped by a failing disk",
                    "transfer refused or aborted",
                    "unsynced entries lost in a crash",
                    "upgraded in a restart",
                    "vote refused",
                    "wiped node is a member again",
                    "wiped node is warned of its amnesia");

    private Expected() {}

    /** How often each fault was done and each condition reached, those never reached included. */
    static Map<String, Long> counts(List<SimulationReport> reports) {
        Map<String, Long> counts = new TreeMap<>();
        for (FaultKind kind : FaultKind.values()) {
            counts.put("fault: " + kind, 0L);
        }
        CONDITIONS.forEach(condition -> counts.put(condition, 0L));
        for (SimulationReport report : reports) {
            report.faults()
                    .forEach(
                            (kind, count) ->
                                    counts.merge("fault: " + kind, (long) count, Long::sum));
            report.sometimes()
                    .forEach((condition, count) -> counts.merge(condition, count, Long::sum));
        }
        return counts;
    }

    /** What was never reached. */
    static List<String> missing(List<SimulationReport> reports) {
        List<String> missing = new ArrayList<>();
        counts(reports)
                .forEach(
                        (what, count) -> {
                            if (count == 0) {
                                missing.add(what);
                            }
                        });
        return missing;
    }

    /** A table for people. */
    static String table(List<SimulationReport> reports) {
        StringBuilder table = new StringBuilder("reached:\n");
        counts(reports)
                .forEach(
                        (what, count) -> table.append(String.format("  %,12d  %s%n", count, what)));
        return table.toString();
    }
}
