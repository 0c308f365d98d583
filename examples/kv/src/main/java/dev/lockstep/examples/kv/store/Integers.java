package dev.lockstep.examples.kv.store;

import dev.lockstep.raft.model.Payload;
import java.util.OptionalLong;

/**
 * Numbers as Redis reads them: as it would write them, so without a plus sign, blanks or leading
 * zeros.
 */
public final class Integers {
    public static final String NOT_AN_INTEGER = "ERR value is not an integer or out of range";
    private static final int LONGEST = 20;

    private Integers() {}

    public static OptionalLong parse(Payload text) {
        if (text.size() == 0 || text.size() > LONGEST) {
            return OptionalLong.empty();
        }
        String read = text.asString();
        try {
            long value = Long.parseLong(read);
            return read.equals(Long.toString(value))
                    ? OptionalLong.of(value)
                    : OptionalLong.empty();
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
