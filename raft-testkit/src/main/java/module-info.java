/** A simulated cluster for tests: faults, checkers, and the production runtime in virtual time. */
module dev.lockstep.raft.testkit {
    requires transitive dev.lockstep.raft.core;
    requires transitive dev.lockstep.raft.storage;
    requires dev.lockstep.raft.transport.netty;
    requires java.management;
    requires org.slf4j;
    requires static transitive org.jspecify;
    requires static transitive org.junit.jupiter.api;

    exports dev.lockstep.raft.testkit;
    exports dev.lockstep.raft.testkit.check;
    exports dev.lockstep.raft.testkit.disk;
    exports dev.lockstep.raft.testkit.net;
    exports dev.lockstep.raft.testkit.scenario;
    exports dev.lockstep.raft.testkit.sim;
}
