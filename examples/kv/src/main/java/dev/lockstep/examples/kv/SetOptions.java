package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.store.Condition;
import dev.lockstep.examples.kv.store.Operation;
import dev.lockstep.examples.kv.store.SetAnswer;
import dev.lockstep.examples.kv.store.Write;

/** SET's options, of which each is given at most once: EX or PX or KEEPTTL, NX or XX, GET. */
final class SetOptions {
    private static final long SECOND = 1000;

    private final Words words;
    private Condition when = Condition.ALWAYS;
    private SetAnswer answer = SetAnswer.OK;
    private int lifetimeAt;
    private long unitMillis;
    private boolean keeps;

    private SetOptions(Words words) {
        this.words = words;
    }

    static Operation parse(Words words) {
        SetOptions options = new SetOptions(words);
        for (int i = 3; i < words.size(); i++) {
            i += options.take(i);
        }
        return new Write.Set(
                words.key(1),
                words.bytes(2),
                options.when,
                options.lifetimeMillis(),
                options.answer);
    }

    /** Takes the option at {@code i}, and returns how many words belong to it. */
    private int take(int i) {
        boolean hasValue = i + 1 < words.size();
        boolean hasLifetime = keeps || lifetimeAt > 0;
        switch (words.lower(i)) {
            case "nx" -> when = only(Condition.IF_ABSENT);
            case "xx" -> when = only(Condition.IF_PRESENT);
            case "get" -> answer = SetAnswer.OLD_VALUE;
            case "keepttl" -> {
                require(lifetimeAt == 0);
                keeps = true;
            }
            case "ex", "px" -> {
                require(hasValue && !hasLifetime);
                unitMillis = words.is(i, "ex") ? SECOND : 1;
                lifetimeAt = i + 1;
                return 1;
            }
            default -> throw Refusal.syntax();
        }
        return 0;
    }

    private Condition only(Condition wanted) {
        require(when == Condition.ALWAYS || when == wanted);
        return wanted;
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw Refusal.syntax();
        }
    }

    /** Read last: Redis looks at the number only when the syntax is right. */
    private long lifetimeMillis() {
        if (lifetimeAt == 0) {
            return keeps ? Write.Set.AS_BEFORE : Write.Set.FOREVER;
        }
        long millis = KeyCommands.millis(words, words.integer(lifetimeAt), unitMillis);
        if (millis <= 0) {
            throw new Refusal("ERR invalid expire time in 'set' command");
        }
        return millis;
    }
}
