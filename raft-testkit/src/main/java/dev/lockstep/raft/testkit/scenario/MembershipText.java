package dev.lockstep.raft.testkit.scenario;

import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.MembershipChange.Action;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/**
 * Reads memberships and changes of them as scenario files write them.
 *
 * <pre>
 * 1+2+3            voters              remove=1,4 add-voter=5 demote=2 [expecting=3]    a change
 * 1+2+3/1+2+3+4    joint, with the outgoing voters
 * 2+3~1            with learners
 * </pre>
 */
final class MembershipText {
    private MembershipText() {}

    static MembershipChange change(Command command) {
        List<MembershipChange.Step> steps = new ArrayList<>();
        for (Action action : Action.values()) {
            String name = action.name().toLowerCase(Locale.ROOT).replace('_', '-');
            for (String node : listed(command.value(name, ""), ",")) {
                steps.add(new MembershipChange.Step(action, NodeId.of(node)));
            }
        }
        return new MembershipChange(steps, command.number("expecting", MembershipChange.ANY));
    }

    static Membership membership(String text) {
        String[] learners = text.split("~", 2);
        String[] halves = learners[0].split("/", 2);
        return new Membership(
                replicas(halves[0]),
                halves.length > 1 ? replicas(halves[1]) : List.of(),
                learners.length > 1 ? replicas(learners[1]) : List.of());
    }

    private static List<ReplicaId> replicas(String text) {
        return listed(text, "\\+").stream().map(node -> replica(node, 0)).toList();
    }

    /** With the incarnation where its short text shows it; a witness is known by its name. */
    static ReplicaId replica(String node, long incarnation) {
        long kind = node.startsWith("w") ? (long) ReplicaId.WITNESS_VERSION << 12 : 0;
        return new ReplicaId(NodeId.of(node), new UUID(incarnation << 32 | kind, 0));
    }

    private static List<String> listed(String text, String separator) {
        return text.isEmpty() ? List.of() : Arrays.asList(text.split(separator, -1));
    }
}
