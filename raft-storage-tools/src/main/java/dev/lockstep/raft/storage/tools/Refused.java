package dev.lockstep.raft.storage.tools;

import java.io.IOException;

/** The tool won't or can't do what it was asked; the message says why and what to do. */
final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    Refused(String why) {
        super(why);
    }
}
