package dev.lockstep.examples.kv.store;

import dev.lockstep.raft.model.Payload;

/**
 * The patterns of KEYS and SCAN: {@code *}, {@code ?}, {@code [abc]}, {@code [^a]}, {@code [a-z]},
 * and a backslash before a character that is meant itself.
 *
 * <p>After a mismatch only the last star takes one byte more: those before it never need to, since
 * whatever they could take instead, the last one can. So the time is at most pattern times text,
 * and no pattern stalls a replica.
 */
public final class Glob {
    private final Payload pattern;

    public Glob(Payload pattern) {
        this.pattern = pattern;
    }

    public boolean matches(Payload text) {
        int p = 0;
        int t = 0;
        int afterStar = -1;
        int starTook = 0;
        while (t < text.size()) {
            if (p < pattern.size() && at(p) == '*') {
                afterStar = ++p;
                starTook = t;
            } else if (p < pattern.size() && matchesOne(p, text.byteAt(t) & 0xff)) {
                p = afterOne(p);
                t++;
            } else if (afterStar >= 0) {
                p = afterStar;
                t = ++starTook;
            } else {
                return false;
            }
        }
        while (p < pattern.size() && at(p) == '*') {
            p++;
        }
        return p == pattern.size();
    }

    private int at(int place) {
        return pattern.byteAt(place) & 0xff;
    }

    private boolean matchesOne(int p, int c) {
        return switch (at(p)) {
            case '?' -> true;
            case '[' -> matchesClass(p + 1, c);
            case '\\' -> p + 1 < pattern.size() ? at(p + 1) == c : c == '\\';
            default -> at(p) == c;
        };
    }

    private boolean matchesClass(int begin, int c) {
        int p = begin;
        boolean negated = p < pattern.size() && at(p) == '^';
        if (negated) {
            p++;
        }
        boolean found = false;
        while (p < pattern.size() && at(p) != ']') {
            if (at(p) == '\\' && p + 1 < pattern.size()) {
                p++;
                found |= at(p) == c;
            } else if (p + 2 < pattern.size() && at(p + 1) == '-') {
                int low = Math.min(at(p), at(p + 2));
                int high = Math.max(at(p), at(p + 2));
                found |= low <= c && c <= high;
                p += 2;
            } else {
                found |= at(p) == c;
            }
            p++;
        }
        return found != negated;
    }

    /**
     * Where the pattern goes on after the one-byte element at {@code p}; an open class ends with
     * the pattern.
     */
    private int afterOne(int p) {
        if (at(p) == '\\') {
            return Math.min(p + 2, pattern.size());
        }
        if (at(p) != '[') {
            return p + 1;
        }
        int end = p + 1;
        if (end < pattern.size() && at(end) == '^') {
            end++;
        }
        while (end < pattern.size() && at(end) != ']') {
            if (at(end) == '\\') {
                end++;
            } else if (end + 2 < pattern.size() && at(end + 1) == '-') {
                end += 2;
            }
            end++;
        }
        return Math.min(end + 1, pattern.size());
    }
}
