package dev.lockstep.raft.model;

/** The one rule for every name that ends up in files, frames and logs. */
final class Names {
    private static final int LONGEST = 64;

    private Names() {}

    static void check(String what, String name) {
        if (name.isEmpty() || name.length() > LONGEST) {
            throw new IllegalArgumentException(
                    what
                            + " must have 1 to "
                            + LONGEST
                            + " characters, has "
                            + name.length()
                            + ": '"
                            + name
                            + "'");
        }
        for (int i = 0; i < name.length(); i++) {
            if (!allowed(name.charAt(i))) {
                throw new IllegalArgumentException(
                        what
                                + " may hold A-Z a-z 0-9 . _ - only, has '"
                                + name.charAt(i)
                                + "' at "
                                + i
                                + ": '"
                                + name
                                + "'");
            }
        }
    }

    private static boolean allowed(char c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c == '.'
                || c == '_'
                || c == '-';
    }
}
