package dev.lockstep.raft.model;

import java.io.IOException;

/**
 * The disk takes no more: it is full, a quota is, or it is read-only. It said so before anything
 * was synced, so what was to be written is known not to be there, and may be tried again once there
 * is room. A sync that fails never ends with this.
 */
public final class DiskFullException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * @param message which file, and what the system said
     */
    public DiskFullException(String message) {
        super(message);
    }

    public DiskFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
