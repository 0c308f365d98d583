package dev.lockstep.raft.archfixtures.dependencies.runtime;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

final class FineLibrary {
    static final Logger LOG = LoggerFactory.getLogger(FineLibrary.class);
}
