package dev.lockstep.raft.testkit;

import java.util.Map;

/**
 * The figures of a run that kept all promises.
 *
 * @param seed replays it
 * @param nodes how many hosts
 * @param virtualNanos how long it was for them
 * @param realNanos how long it took
 * @param cpuNanos how much of a core that was
 * @param events how many events were executed
 * @param elections how many leaders were elected
 * @param faults what was done to the cluster, and how often
 * @param sometimes what happened of what should happen in some runs, and how often
 * @param messages how many were sent
 * @param messagesLost how many of them never arrived
 * @param ok operations that took effect
 * @param unknown operations of unknown outcome
 * @param failed operations that surely had no effect
 * @param trace equal for equal seeds, on every machine
 */
public record SimulationReport(
        long seed,
        int nodes,
        long virtualNanos,
        long realNanos,
        long cpuNanos,
        long events,
        long elections,
        Map<FaultKind, Integer> faults,
        Map<String, Long> sometimes,
        long messages,
        long messagesLost,
        long ok,
        long unknown,
        long failed,
        long trace) {
    /** How many faults there were. */
    long faultCount() {
        return faults.values().stream().mapToLong(count -> count).sum();
    }

    /** One line. */
    @Override
    public String toString() {
        return String.format(
                "seed %d: %d nodes, %.1f s virtual in %d ms, %d events, %d elections, faults %s,"
                        + " %d messages (%d lost), %d ok, %d unknown, %d failed, trace %016x",
                seed,
                nodes,
                virtualNanos / 1e9,
                realNanos / 1_000_000,
                events,
                elections,
                faults,
                messages,
                messagesLost,
                ok,
                unknown,
                failed,
                trace);
    }
}
