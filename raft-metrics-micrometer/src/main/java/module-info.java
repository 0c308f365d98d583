/** What a host measures, registered with Micrometer. */
// Micrometer is no named module, and a user of this one gives it a registry.
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module dev.lockstep.raft.metrics.micrometer {
    requires transitive dev.lockstep.raft.core;
    requires transitive micrometer.core;
    requires static transitive org.jspecify;

    exports dev.lockstep.raft.metrics.micrometer;
}
