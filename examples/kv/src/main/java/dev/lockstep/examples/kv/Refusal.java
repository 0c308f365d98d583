package dev.lockstep.examples.kv;

/**
 * A command can't be run as it was spelled. The message is the error that Redis gives, with its
 * first word.
 */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;
    static final String SYNTAX = "ERR syntax error";

    Refusal(String error) {
        super(error, null, false, false);
    }

    String error() {
        return String.valueOf(getMessage());
    }

    static Refusal wrongArity(String command) {
        return new Refusal("ERR wrong number of arguments for '" + command + "' command");
    }

    static Refusal syntax() {
        return new Refusal(SYNTAX);
    }
}
