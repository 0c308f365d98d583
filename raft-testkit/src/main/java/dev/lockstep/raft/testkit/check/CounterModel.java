package dev.lockstep.raft.testkit.check;

import org.jspecify.annotations.Nullable;

/**
 * One counter that begins at 0: an operation adds a number, 0 to read it, and is answered the sum
 * after it.
 */
public final class CounterModel implements Model<Long, Long, Long> {
    /** Stateless, like every model. */
    public CounterModel() {}

    @Override
    public Long initial() {
        return 0L;
    }

    @Override
    public @Nullable Long step(Long state, Long addend, @Nullable Long sum) {
        long after = state + addend;
        return sum == null || sum == after ? (Long) after : null;
    }

    @Override
    public boolean readOnly(Long addend) {
        return addend == 0;
    }
}
