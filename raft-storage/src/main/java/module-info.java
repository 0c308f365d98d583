/** The write-ahead log that all groups of a host share. */
module dev.lockstep.raft.storage {
    requires transitive dev.lockstep.raft.core;
    requires jdk.unsupported; // ExtendedOpenOption.DIRECT
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.lockstep.raft.storage;
}
