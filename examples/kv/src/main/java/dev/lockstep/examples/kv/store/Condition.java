package dev.lockstep.examples.kv.store;

/** When a value is set. The codes stand in the log and never change. */
public enum Condition {
    ALWAYS(0),
    IF_ABSENT(1),
    IF_PRESENT(2);

    private final int code;

    Condition(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    boolean holds(boolean isPresent) {
        return this == ALWAYS || (this == IF_PRESENT) == isPresent;
    }

    static Condition ofCode(int code) {
        for (Condition each : values()) {
            if (each.code == code) {
                return each;
            }
        }
        throw new IllegalArgumentException(
                "condition " + code + " is unknown to this version of the server");
    }
}
