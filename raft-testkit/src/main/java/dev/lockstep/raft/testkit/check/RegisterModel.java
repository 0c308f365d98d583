package dev.lockstep.raft.testkit.check;

import org.jspecify.annotations.Nullable;

/** Named registers that hold a number each; 0 at first. */
public final class RegisterModel implements Model<Long, RegisterModel.Call, RegisterModel.Answer> {
    /** What one does with a register. */
    public sealed interface Call {
        String key();
    }

    /** Reads the number. */
    public record Get(String key) implements Call {}

    /** Replaces the number. */
    public record Set(String key, long value) implements Call {}

    /** Replaces the number if it is the expected one. */
    public record CompareAndSet(String key, long expected, long value) implements Call {}

    /**
     * What comes back.
     *
     * @param value what was read; the number before a compare-and-set; of no meaning after a set
     * @param applied whether a compare-and-set replaced it; true otherwise
     */
    public record Answer(long value, boolean applied) {}

    /** Stateless, like every model. */
    public RegisterModel() {}

    @Override
    public Long initial() {
        return 0L;
    }

    @Override
    public @Nullable Long step(Long state, Call call, @Nullable Answer answer) {
        if (call instanceof Get) {
            return answer == null || answer.value() == state ? state : null;
        }
        if (call instanceof Set set) {
            return set.value();
        }
        CompareAndSet swap = (CompareAndSet) call;
        boolean applies = swap.expected() == state;
        boolean possible = answer == null || answer.applied() == applies && answer.value() == state;
        if (!possible) {
            return null;
        }
        return applies ? (Long) swap.value() : state;
    }

    @Override
    public Object partition(Call call) {
        return call.key();
    }

    @Override
    public boolean readOnly(Call call) {
        return call instanceof Get;
    }
}
