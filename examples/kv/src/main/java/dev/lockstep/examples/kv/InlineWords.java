package dev.lockstep.examples.kv;

import dev.lockstep.raft.model.Payload;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits a line that somebody typed, as Redis does: words between blanks, in double quotes with
 * escapes such as {@code \n} and {@code \x41}, or in single quotes with {@code \'} alone.
 */
final class InlineWords {
    private static final int HEX_DIGITS = 2;

    private final String line;
    private int at;

    private InlineWords(String line) {
        this.line = line;
    }

    /**
     * @param line one character per byte
     * @return the words; null when a quote isn't closed, or something follows a closing one
     */
    static @Nullable List<Payload> split(String line) {
        InlineWords rest = new InlineWords(line);
        List<Payload> words = new ArrayList<>();
        while (rest.skipBlanks()) {
            Payload word = rest.word();
            if (word == null) {
                return null;
            }
            words.add(word);
        }
        return words;
    }

    private boolean skipBlanks() {
        while (at < line.length() && isBlank(line.charAt(at))) {
            at++;
        }
        return at < line.length();
    }

    private @Nullable Payload word() {
        ByteArrayOutputStream word = new ByteArrayOutputStream();
        while (at < line.length() && !isBlank(line.charAt(at))) {
            char c = line.charAt(at++);
            if (c != '"' && c != '\'') {
                word.write(c);
            } else if (!quoted(c, word) || at < line.length() && !isBlank(line.charAt(at))) {
                return null;
            }
        }
        return Payload.wrap(word.toByteArray());
    }

    /** Reads up to the closing quote, and returns whether there is one. */
    private boolean quoted(char quote, ByteArrayOutputStream word) {
        while (at < line.length()) {
            char c = line.charAt(at++);
            if (c == quote) {
                return true;
            }
            boolean escapes = c == '\\' && at < line.length();
            if (escapes && quote == '"') {
                escaped(word);
            } else if (escapes && line.charAt(at) == '\'') {
                word.write(line.charAt(at++));
            } else {
                word.write(c);
            }
        }
        return false;
    }

    private void escaped(ByteArrayOutputStream word) {
        char c = line.charAt(at++);
        int hexEnd = at + HEX_DIGITS;
        if (c == 'x'
                && hexEnd <= line.length()
                && isHex(line.charAt(at))
                && isHex(line.charAt(at + 1))) {
            word.write(Integer.parseInt(line.substring(at, hexEnd), 16));
            at = hexEnd;
            return;
        }
        word.write(
                switch (c) {
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    case 'b' -> '\b';
                    case 'a' -> 7;
                    default -> c;
                });
    }

    private static boolean isHex(char c) {
        return Character.digit(c, 16) >= 0 && c < 128;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }
}
