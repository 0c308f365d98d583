package dev.lockstep.raft.archfixtures.logging.spi;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

final class BadSlf4j {
    static final Logger LOG = LoggerFactory.getLogger(BadSlf4j.class);
}
