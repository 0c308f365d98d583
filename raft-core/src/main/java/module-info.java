/**
 * The Raft protocol as a pure state machine, the runtime that drives it, and the application's API.
 */
// The test kit and the tools, which alone may look inside, are built after this module.
@SuppressWarnings("module")
module dev.lockstep.raft.core {
    requires org.slf4j;
    // For who records; without it nothing is.
    requires static jdk.jfr;
    requires static transitive org.jspecify;

    exports dev.lockstep.raft.message;
    exports dev.lockstep.raft.model;
    exports dev.lockstep.raft.node;
    exports dev.lockstep.raft.spi;
    exports dev.lockstep.raft.applied to
            dev.lockstep.raft.storage.tools;
    exports dev.lockstep.raft.core to
            dev.lockstep.raft.testkit;
    exports dev.lockstep.raft.quorum to
            dev.lockstep.raft.testkit;
    exports dev.lockstep.raft.runtime to
            dev.lockstep.raft.testkit;
}
