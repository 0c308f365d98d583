package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.store.Integers;
import dev.lockstep.examples.kv.store.Key;
import dev.lockstep.raft.model.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * A command as the client spelled it.
 *
 * @param all its name and its arguments; at least the name
 */
record Words(List<Payload> all) {
    /** What a word costs beside its bytes, at least, in memory and in the log. */
    static final int WORD_BYTES = 8;

    Words {
        all = List.copyOf(all);
    }

    static Words of(String... words) {
        List<Payload> all = new ArrayList<>();
        for (String word : words) {
            all.add(Payload.of(word));
        }
        return new Words(all);
    }

    int weightBytes() {
        int sum = 0;
        for (Payload word : all) {
            sum += word.size() + WORD_BYTES;
        }
        return sum;
    }

    int size() {
        return all.size();
    }

    Payload bytes(int at) {
        return all.get(at);
    }

    String text(int at) {
        return all.get(at).asString();
    }

    String lower(int at) {
        return text(at).toLowerCase(Locale.ROOT);
    }

    boolean is(int at, String word) {
        return text(at).equalsIgnoreCase(word);
    }

    Key key(int at) {
        return Key.of(bytes(at));
    }

    /** All words from {@code first} on, as keys. */
    List<Key> keys(int first) {
        return all.subList(first, size()).stream().map(Key::of).toList();
    }

    /**
     * @throws Refusal when the word isn't there or is none
     */
    long integer(int at) {
        OptionalLong value = Integers.parse(bytes(at));
        if (value.isEmpty()) {
            throw new Refusal(Integers.NOT_AN_INTEGER);
        }
        return value.getAsLong();
    }
}
