package dev.lockstep.examples.kv.store;

/** What the client who sets a value wants to know. The codes stand in the log and never change. */
public enum SetAnswer {
    /** OK, or nil when the condition didn't hold. */
    OK(0),
    /** The value before, or nil. */
    OLD_VALUE(1),
    /** 1, or 0 when the condition didn't hold. */
    COUNT(2);

    private final int code;

    SetAnswer(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static SetAnswer ofCode(int code) {
        for (SetAnswer each : values()) {
            if (each.code == code) {
                return each;
            }
        }
        throw new IllegalArgumentException(
                "answer " + code + " is unknown to this version of the server");
    }
}
