package dev.lockstep.raft.archfixtures.logging.node;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

final class FineSlf4j {
    static final Logger LOG = LoggerFactory.getLogger(FineSlf4j.class);
}
