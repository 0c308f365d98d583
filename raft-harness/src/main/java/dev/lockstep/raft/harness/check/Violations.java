package dev.lockstep.raft.harness.check;

import java.util.ArrayList;
import java.util.List;

/** What was seen and must not be; the first few are kept in words. */
final class Violations {
    private static final int KEPT = 10;

    private final List<String> kept = new ArrayList<>();
    private long count;

    void add(String violation) {
        count++;
        if (kept.size() < KEPT) {
            kept.add(violation);
        }
    }

    /**
     * @throws AssertionError when there are any
     */
    void throwIfAny() {
        if (count > 0) {
            throw new AssertionError(count + " violations:\n" + String.join("\n", kept));
        }
    }
}
