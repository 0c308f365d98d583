package dev.lockstep.examples.kv;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;

/** All commands, and what Redis says to what is none. */
final class CommandTable {
    private static final int SHOWN = 128;

    private final TreeMap<String, CommandSpec> specs = new TreeMap<>();
    private final Set<String> containers = new HashSet<>();

    CommandTable(List<CommandSpec> all) {
        for (CommandSpec spec : all) {
            specs.put(spec.name(), spec);
            int bar = spec.name().indexOf('|');
            if (bar > 0) {
                containers.add(spec.name().substring(0, bar));
            }
        }
    }

    /** Every command and subcommand, by name. */
    Collection<CommandSpec> all() {
        return specs.values();
    }

    Step parse(Words words, Session session) {
        try {
            CommandSpec spec = find(words);
            if (!spec.takes(words.size())) {
                throw Refusal.wrongArity(spec.name());
            }
            return spec.parser().parse(words, session);
        } catch (Refusal refusal) {
            return Step.refuse(refusal.error());
        }
    }

    private CommandSpec find(Words words) {
        String name = words.lower(0);
        boolean isContainer = containers.contains(name);
        if (isContainer && words.size() > 1) {
            CommandSpec sub = specs.get(name + "|" + words.lower(1));
            if (sub == null) {
                String tried = cut(words.text(1), SHOWN);
                throw new Refusal(
                        "ERR unknown subcommand '"
                                + tried
                                + "'. Try "
                                + name.toUpperCase(Locale.ROOT)
                                + " HELP.");
            }
            return sub;
        }
        CommandSpec spec = name.indexOf('|') >= 0 ? null : specs.get(name);
        if (spec == null) {
            throw isContainer ? Refusal.wrongArity(name) : unknown(words);
        }
        return spec;
    }

    /** Word for word, with the blank at its end, as clients and people know it. */
    private static Refusal unknown(Words words) {
        StringBuilder shown = new StringBuilder();
        for (int i = 1; i < words.size() && shown.length() < SHOWN; i++) {
            String word = cut(words.text(i), SHOWN - shown.length());
            shown.append('\'').append(word).append("' ");
        }
        return new Refusal(
                "ERR unknown command '"
                        + cut(words.text(0), SHOWN)
                        + "', with args beginning with: "
                        + shown);
    }

    private static String cut(String text, int length) {
        return text.substring(0, Math.min(length, text.length()));
    }
}
