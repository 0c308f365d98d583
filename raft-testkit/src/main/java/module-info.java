/** A simulated cluster for tests: faults, checkers, and the production runtime in virtual time. */
module dev.lockstep.raft.testkit {
    requires transitive dev.lockstep.raft.core;
    requires dev.lockstep.raft.storage;
    requires dev.lockstep.raft.transport.netty;
    requires org.slf4j;
    requires static transitive org.jspecify;
    requires static org.junit.jupiter.api;
}
