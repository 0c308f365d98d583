package dev.lockstep.raft.model;

import java.io.IOException;

/**
 * A file, directory or disk can't be used; {@link #fault} names why, and its message says what to
 * do.
 */
public final class StorageException extends IOException {
    private static final long serialVersionUID = 1;

    private final Fault.Code code;
    private final String explanation;

    public StorageException(Fault fault) {
        super(fault.toString());
        this.code = fault.code();
        this.explanation = fault.message();
    }

    public StorageException(Fault fault, Throwable cause) {
        super(fault.toString(), cause);
        this.code = fault.code();
        this.explanation = fault.message();
    }

    public Fault fault() {
        return new Fault(code, explanation);
    }
}
