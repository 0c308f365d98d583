package dev.lockstep.raft.testkit.check;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One list that begins empty: an operation appends a number, or reads when the number is null, and
 * is answered the whole list after it. It shows more than a register does: lost, doubled and
 * reordered writes stay visible for ever.
 */
public final class AppendListModel implements Model<List<Long>, AppendListModel.Call, List<Long>> {
    /**
     * Appends or reads.
     *
     * @param value null to read
     */
    public record Call(@Nullable Long value) {}

    /** Stateless, like every model. */
    public AppendListModel() {}

    @Override
    public List<Long> initial() {
        return List.of();
    }

    @Override
    public @Nullable List<Long> step(List<Long> state, Call call, @Nullable List<Long> answer) {
        List<Long> after = state;
        Long value = call.value();
        if (value != null) {
            after = new ArrayList<>(state);
            after.add(value);
        }
        return answer == null || answer.equals(after) ? after : null;
    }

    @Override
    public boolean readOnly(Call call) {
        return call.value() == null;
    }
}
