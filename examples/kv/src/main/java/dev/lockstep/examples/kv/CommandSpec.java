package dev.lockstep.examples.kv;

import java.util.List;

/**
 * A command of the protocol.
 *
 * @param name in lower case; a subcommand's with its command's before it, as in {@code client|id}
 * @param arity how many words it has with its name; negative: at least so many
 * @param flags what COMMAND tells clients of it
 * @param firstKey the first word that is a key; 0 when none is
 * @param lastKey the last one; negative: counted from the end
 * @param keyStep from one key to the next
 * @param parser what it asks for
 */
record CommandSpec(
        String name,
        int arity,
        List<String> flags,
        int firstKey,
        int lastKey,
        int keyStep,
        Parser parser) {
    /** Reads the words of a command, whose count is right by its arity. */
    @FunctionalInterface
    interface Parser {
        /**
         * @throws Refusal when they are wrong
         */
        Step parse(Words words, Session session);
    }

    /** A command without keys. */
    static CommandSpec of(String name, int arity, String flag, Parser parser) {
        return new CommandSpec(name, arity, List.of(flag), 0, 0, 0, parser);
    }

    /** A command whose first word is its only key. */
    static CommandSpec ofKey(String name, int arity, String flag, Parser parser) {
        return new CommandSpec(name, arity, List.of(flag), 1, 1, 1, parser);
    }

    /** A command all of whose words are keys, or one and what belongs to it in turns. */
    static CommandSpec ofKeys(String name, int arity, String flag, int step, Parser parser) {
        return new CommandSpec(name, arity, List.of(flag), 1, -1, step, parser);
    }

    boolean takes(int words) {
        return arity < 0 ? words >= -arity : words == arity;
    }
}
