package dev.lockstep.raft.testkit.scenario;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One command: words, and then {@code name=value} pairs, separated by blanks, such as {@code vote
 * node=2 from=1}. It remembers which of its parts were asked for, so that a misspelt one is found.
 */
public final class Command {
    private final String text;
    private final List<String> words = new ArrayList<>();
    private final Map<String, String> values = new LinkedHashMap<>();
    private final Set<String> used = new HashSet<>();

    private Command(String text) {
        this.text = text;
    }

    /**
     * Reads a line.
     *
     * @throws IllegalArgumentException when a name is there twice
     */
    public static Command parse(String line) {
        Command command = new Command(line.strip());
        for (String part : command.text.split("\\s+", -1)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                command.words.add(part);
            } else if (command.values.put(part.substring(0, equals), part.substring(equals + 1))
                    != null) {
                throw new IllegalArgumentException("given twice: " + part.substring(0, equals));
            }
        }
        return command;
    }

    /** The first word. */
    public String name() {
        return words.isEmpty() ? "" : words.get(0);
    }

    /**
     * The word after the name and {@code at - 1} others.
     *
     * @throws IllegalArgumentException when there are fewer words
     */
    public String word(int at) {
        if (at >= words.size()) {
            throw new IllegalArgumentException(name() + " needs " + at + " words behind it");
        }
        used.add(words.get(at));
        return words.get(at);
    }

    /**
     * The command that stands behind the first word. What it was asked for counts as asked of this
     * one.
     */
    public Command behindName() {
        String rest = text.substring(name().length());
        used.addAll(words);
        used.addAll(values.keySet());
        return parse(rest);
    }

    /** Whether the word stands anywhere behind the name. */
    public boolean has(String word) {
        used.add(word);
        return words.indexOf(word) > 0 || values.containsKey(word);
    }

    /**
     * A value that must be there.
     *
     * @throws IllegalArgumentException when it isn't
     */
    public String value(String key) {
        used.add(key);
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException(name() + " needs " + key + "=…");
        }
        return value;
    }

    public String value(String key, String otherwise) {
        return has(key) ? value(key) : otherwise;
    }

    /**
     * A number that must be there.
     *
     * @throws IllegalArgumentException when it isn't there, or no number
     */
    public long number(String key) {
        String value = value(key);
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + " must be a number, not '" + value + "'", e);
        }
    }

    public long number(String key, long otherwise) {
        return has(key) ? number(key) : otherwise;
    }

    /**
     * To be called when all that the command knows was asked for.
     *
     * @throws IllegalArgumentException when something is left
     */
    public void requireAllUsed() {
        for (String word : words.subList(Math.min(1, words.size()), words.size())) {
            requireUsed(word);
        }
        values.keySet().forEach(this::requireUsed);
    }

    private void requireUsed(String part) {
        if (!used.contains(part)) {
            throw new IllegalArgumentException(name() + " doesn't know '" + part + "'");
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
