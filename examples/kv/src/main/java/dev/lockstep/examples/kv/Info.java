package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.store.KvStore;
import dev.lockstep.raft.node.GroupStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The text of INFO. */
final class Info {
    /** The Redis whose answers this server gives. */
    static final String REDIS_VERSION = "7.0.15";

    private static final List<String> EVERYTHING = List.of("all", "default", "everything");

    private Info() {}

    /**
     * @param wanted the sections, in lower case; all when it is empty
     */
    static String text(NodeFacts facts, List<String> wanted) {
        boolean all = wanted.isEmpty() || wanted.stream().anyMatch(EVERYTHING::contains);
        StringBuilder text = new StringBuilder();
        sections(facts)
                .forEach(
                        (title, fields) -> {
                            if (all || wanted.contains(title.toLowerCase(Locale.ROOT))) {
                                text.append(text.isEmpty() ? "" : "\r\n")
                                        .append("# ")
                                        .append(title)
                                        .append("\r\n");
                                fields.forEach(
                                        (field, value) ->
                                                text.append(field)
                                                        .append(':')
                                                        .append(value)
                                                        .append("\r\n"));
                            }
                        });
        return text.toString();
    }

    private static Map<String, Map<String, Object>> sections(NodeFacts facts) {
        Map<String, Map<String, Object>> sections = new LinkedHashMap<>();
        sections.put("Server", server(facts));
        sections.put("Clients", Map.of("connected_clients", facts.clients().get()));
        sections.put("Stats", stats(facts));
        sections.put("Replication", Map.of("role", "master"));
        sections.put("Cluster", Map.of("cluster_enabled", 0));
        sections.put("Raft", raft(facts.group().status()));
        sections.put("Keyspace", keyspace(facts.store().counts()));
        return sections;
    }

    private static Map<String, Object> server(NodeFacts facts) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("redis_version", REDIS_VERSION);
        fields.put("redis_mode", "standalone");
        fields.put("lockstep_version", Version.text());
        fields.put("process_id", ProcessHandle.current().pid());
        fields.put("tcp_port", facts.port());
        fields.put("uptime_in_seconds", facts.uptimeSeconds());
        return fields;
    }

    private static Map<String, Object> stats(NodeFacts facts) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("total_connections_received", facts.connections().get());
        fields.put("total_commands_processed", facts.commands().get());
        return fields;
    }

    private static Map<String, Object> raft(GroupStatus status) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("raft_node", status.node());
        fields.put("raft_role", status.role().name().toLowerCase(Locale.ROOT));
        fields.put("raft_term", status.term());
        fields.put("raft_leader", status.leader() == null ? "" : status.leader());
        fields.put("raft_last_index", status.lastIndex());
        fields.put("raft_commit", status.commit());
        fields.put("raft_applied", status.applied());
        fields.put("raft_disk_full", status.diskFull() == null ? "" : status.diskFull());
        fields.put("raft_fault", status.fault() == null ? "" : status.fault());
        return fields;
    }

    private static Map<String, Object> keyspace(KvStore.Counts counts) {
        return counts.keys() == 0
                ? Map.of()
                : Map.of(
                        "db0",
                        "keys="
                                + counts.keys()
                                + ",expires="
                                + counts.volatileKeys()
                                + ",avg_ttl=0");
    }
}
