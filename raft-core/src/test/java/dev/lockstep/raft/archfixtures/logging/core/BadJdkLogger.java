package dev.lockstep.raft.archfixtures.logging.core;

import java.util.logging.Logger;

final class BadJdkLogger {
    static final Logger LOG = Logger.getLogger("core");
}
