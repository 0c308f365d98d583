/** The command {@code lockstep-storage}, for operators. */
module dev.lockstep.raft.storage.tools {
    requires dev.lockstep.raft.storage;
    requires info.picocli;
    requires static transitive org.jspecify;

    exports dev.lockstep.raft.storage.tools;

    opens dev.lockstep.raft.storage.tools to
            info.picocli;
}
