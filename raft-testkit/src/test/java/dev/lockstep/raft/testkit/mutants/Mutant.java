package dev.lockstep.raft.testkit.mutants;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A protocol with one wrong step: the production sources with a few texts replaced. Its file is
 * written like this:
 *
 * <pre>
 * 3: a second vote in a term
 *
 * Any text: who got it wrong, and what goes wrong then.
 *
 * &#64; raft-core/src/main/java/dev/lockstep/raft/core/Voter.java
 * - core.hardState().mayVoteFor(from)
 * + true
 * </pre>
 *
 * Lines with a minus are found, those with a plus put in their place; a further minus after a plus
 * begins the next edit. White space between words and signs doesn't matter, so that a formatter may
 * break lines elsewhere. What is to be found must be there exactly once: a change of the source
 * that makes a mutant meaningless is told, and doesn't silently pass for one that is caught.
 *
 * @param id a number, and a letter where there are several of it
 * @param title of a few words, the wrong step
 */
record Mutant(String id, String title, List<Edit> edits) {
    private static final Pattern HEADER = Pattern.compile("(\\d+[a-z]?): (\\S.*)");
    private static final Pattern TOKEN = Pattern.compile("\\w+|[^\\w\\s]");

    /** One text of one file, named from the root of the repository, and what replaces it. */
    record Edit(String file, String find, String replacement) {
        String applyTo(String source, String mutant) {
            Matcher place = pattern().matcher(source);
            if (!place.find()) {
                throw new IllegalArgumentException(
                        mutant + " finds nothing like this in " + file + ":\n" + find);
            }
            int start = place.start();
            int end = place.end();
            if (place.find(start + 1)) {
                throw new IllegalArgumentException(
                        mutant + " finds this more than once in " + file + ":\n" + find);
            }
            return source.substring(0, start) + replacement + source.substring(end);
        }

        private Pattern pattern() {
            StringBuilder expression = new StringBuilder();
            Matcher token = TOKEN.matcher(find);
            boolean word = false;
            while (token.find()) {
                boolean nextWord = Character.isJavaIdentifierPart(token.group().charAt(0));
                if (!expression.isEmpty()) {
                    expression.append(word && nextWord ? "\\s+" : "\\s*");
                } else if (nextWord) {
                    expression.append("\\b");
                }
                expression.append(Pattern.quote(token.group()));
                word = nextWord;
            }
            return Pattern.compile(word ? expression + "\\b" : expression.toString());
        }
    }

    /** All of a folder, in the order of their numbers. */
    static List<Mutant> in(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Mutant> all =
                    files.filter(file -> file.toString().endsWith(".mutant"))
                            .map(Mutant::read)
                            .sorted(Mutant::compareIds)
                            .toList();
            for (int i = 1; i < all.size(); i++) {
                if (all.get(i).id.equals(all.get(i - 1).id)) {
                    throw new IllegalArgumentException(
                            folder + " has two mutants " + all.get(i).id);
                }
            }
            return all;
        }
    }

    static Mutant read(Path file) {
        try {
            return parse(file.toString(), Files.readAllLines(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Mutant parse(String origin, List<String> lines) {
        Matcher header = HEADER.matcher(lines.isEmpty() ? "" : lines.get(0));
        if (!header.matches()) {
            throw new IllegalArgumentException(
                    origin + " should begin with a line like '3: a second vote in a term'");
        }
        List<Edit> edits = new ArrayList<>();
        String file = null;
        StringBuilder find = new StringBuilder();
        StringBuilder replacement = new StringBuilder();
        boolean replacing = false;
        for (String line : lines.subList(1, lines.size())) {
            boolean found = line.startsWith("-");
            boolean put = line.startsWith("+");
            if (!find.isEmpty() && (line.startsWith("@") || (found && replacing))) {
                edits.add(new Edit(file, find.toString(), replacement.toString()));
                find.setLength(0);
                replacement.setLength(0);
                replacing = false;
            }
            if (line.startsWith("@")) {
                file = line.substring(1).strip();
            } else if (file != null && found) {
                find.append(line, 1, line.length()).append('\n');
            } else if (file != null && put) {
                if (find.isEmpty()) {
                    throw new IllegalArgumentException(
                            origin + " has a '+' line with no '-' line before it: " + line);
                }
                replacing = true;
                replacement.append(line, 1, line.length()).append('\n');
            } else if (file != null && !line.isBlank()) {
                throw new IllegalArgumentException(
                        origin + " has a line that begins with none of '@', '-', '+': " + line);
            }
        }
        if (!find.isEmpty()) {
            edits.add(new Edit(file, find.toString(), replacement.toString()));
        }
        if (edits.isEmpty()) {
            throw new IllegalArgumentException(origin + " changes nothing");
        }
        return new Mutant(header.group(1), header.group(2), List.copyOf(edits));
    }

    /** The changed sources, by their names from the root. */
    Map<String, String> applyTo(Path root) throws IOException {
        Map<String, String> changed = new LinkedHashMap<>();
        for (Edit edit : edits) {
            String source = changed.get(edit.file);
            if (source == null) {
                source = Files.readString(root.resolve(edit.file));
            }
            changed.put(edit.file, edit.applyTo(source, toString()));
        }
        return changed;
    }

    /** Its number, without the letter. */
    int number() {
        return Integer.parseInt(id.replaceAll("\\D", ""));
    }

    private static int compareIds(Mutant a, Mutant b) {
        int byNumber = Integer.compare(a.number(), b.number());
        return byNumber != 0 ? byNumber : a.id.compareTo(b.id);
    }

    @Override
    public String toString() {
        return "mutant " + id + " (" + title + ")";
    }
}
