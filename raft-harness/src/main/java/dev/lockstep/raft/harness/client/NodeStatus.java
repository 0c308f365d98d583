package dev.lockstep.raft.harness.client;

import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a node says of its replica: the section Raft of INFO.
 *
 * @param leader its name; empty when none is known
 * @param diskFull why its disk takes no entries now; empty while it does
 * @param fault why the replica halted; empty while it runs
 */
public record NodeStatus(
        String node,
        String role,
        long term,
        String leader,
        long commit,
        long applied,
        String diskFull,
        String fault) {
    static NodeStatus parse(String info) {
        Map<String, String> fields =
                info.lines()
                        .filter(line -> line.contains(":"))
                        .map(line -> line.split(":", 2))
                        .collect(Collectors.toMap(field -> field[0], field -> field[1]));
        return new NodeStatus(
                fields.getOrDefault("raft_node", ""),
                fields.getOrDefault("raft_role", ""),
                Long.parseLong(fields.getOrDefault("raft_term", "0")),
                fields.getOrDefault("raft_leader", ""),
                Long.parseLong(fields.getOrDefault("raft_commit", "0")),
                Long.parseLong(fields.getOrDefault("raft_applied", "0")),
                fields.getOrDefault("raft_disk_full", ""),
                fields.getOrDefault("raft_fault", ""));
    }
}
