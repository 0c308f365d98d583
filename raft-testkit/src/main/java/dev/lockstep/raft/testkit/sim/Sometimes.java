package dev.lockstep.raft.testkit.sim;

import java.util.Map;
import java.util.TreeMap;

/**
 * What happened at least once in a run, of what should happen in some runs. A condition that no run
 * of many ever reached means that the checks behind it were never put to work.
 */
public final class Sometimes {
    private final TreeMap<String, Long> hits = new TreeMap<>();

    Sometimes() {}

    /** It happened, here and now. */
    public void hit(String condition) {
        hits.merge(condition, 1L, Long::sum);
    }

    /** How often each condition was hit. */
    public Map<String, Long> counts() {
        return hits;
    }
}
