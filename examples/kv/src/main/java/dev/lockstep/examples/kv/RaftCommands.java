package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.store.Digest;
import dev.lockstep.examples.kv.store.Reply;
import dev.lockstep.examples.kv.store.Request;
import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.node.GroupStatus;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.spi.ReadLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The commands for whoever runs the cluster. What changes it is for the leader's node. */
final class RaftCommands {
    private static final String ADMIN = "admin";

    private RaftCommands() {}

    static List<CommandSpec> all() {
        return List.of(
                CommandSpec.of("raft.status", 1, ADMIN, (words, session) -> status(session)),
                CommandSpec.of("raft.digest", 1, ADMIN, (words, session) -> digest(session)),
                CommandSpec.of("raft.members", -1, ADMIN, RaftCommands::members),
                CommandSpec.of("raft.transfer", -1, ADMIN, RaftCommands::transfer),
                CommandSpec.of("raft.snapshot", 1, ADMIN, (words, session) -> snapshot(session)));
    }

    private static Step status(Session session) {
        GroupStatus status = session.facts().group().status();
        List<Reply> fields = new ArrayList<>();
        field(fields, "node", Reply.bulk(status.node().value()));
        field(fields, "role", Reply.bulk(status.role().name().toLowerCase(Locale.ROOT)));
        field(fields, "term", Reply.of(status.term()));
        NodeId leader = status.leader();
        field(fields, "leader", leader == null ? Reply.nil() : Reply.bulk(leader.value()));
        field(fields, "last-index", Reply.of(status.lastIndex()));
        field(fields, "commit", Reply.of(status.commit()));
        field(fields, "applied", Reply.of(status.applied()));
        field(fields, "disk-full", text(status.diskFull()));
        field(fields, "fault", text(status.fault()));
        return new Step.Answer(new Reply.Many(fields));
    }

    private static Reply text(@Nullable Fault fault) {
        return fault == null ? Reply.nil() : Reply.bulk(fault.toString());
    }

    private static void field(List<Reply> fields, String name, Reply value) {
        fields.add(Reply.bulk(name));
        fields.add(value);
    }

    private static Step digest(Session session) {
        Payload question = new Request.Fingerprint().toPayload();
        return later(
                () ->
                        session.facts()
                                .group()
                                .read(question, ReadLevel.LOCAL)
                                .thenApply(answer -> digest(Digest.read(answer))));
    }

    private static Reply digest(Digest digest) {
        List<Reply> fields = new ArrayList<>();
        field(fields, "index", Reply.of(digest.index()));
        field(fields, "keys", Reply.of(digest.keys()));
        field(fields, "sha256", Reply.bulk(digest.hash()));
        return new Reply.Many(fields);
    }

    // ---- members ----

    private static Step members(Words words, Session session) {
        RaftGroup group = session.facts().group();
        if (words.size() == 1) {
            Configuration known = group.members();
            return known == null
                    ? Step.refuse("CLUSTERDOWN this node doesn't know its group yet")
                    : new Step.Answer(describe(known));
        }
        MembershipChange change = change(words);
        return later(() -> group.changeMembers(change).thenApply(RaftCommands::describe));
    }

    /** {@code ADD n4 REMOVE n1 AT 17}. */
    private static MembershipChange change(Words words) {
        MembershipChange.Builder change = MembershipChange.builder();
        if (words.size() % 2 == 0) {
            throw new Refusal("ERR syntax error: each of them is a word and a node");
        }
        try {
            for (int i = 1; i < words.size(); i += 2) {
                String node = words.text(i + 1);
                switch (words.lower(i)) {
                    case "add" -> change.addVoter(node);
                    case "learner" -> change.addLearner(node);
                    case "promote" -> change.promote(node);
                    case "demote" -> change.demote(node);
                    case "remove" -> change.remove(node);
                    case "replace" -> change.replace(node);
                    case "at" -> change.expecting(words.integer(i + 1));
                    default ->
                            throw new Refusal(
                                    "ERR syntax error: not ADD, LEARNER, PROMOTE, DEMOTE, REMOVE,"
                                            + " REPLACE or AT: "
                                            + words.text(i));
                }
            }
            return change.build();
        } catch (IllegalArgumentException e) {
            throw new Refusal("ERR " + e.getMessage());
        }
    }

    private static Reply describe(Configuration configuration) {
        Membership membership = configuration.membership();
        List<Reply> members = new ArrayList<>();
        for (ReplicaId replica : membership.replicas()) {
            members.add(
                    new Reply.Many(
                            List.of(
                                    Reply.bulk(replica.node().value()),
                                    Reply.bulk(part(membership, replica)))));
        }
        List<Reply> fields = new ArrayList<>();
        field(fields, "index", Reply.of(configuration.index()));
        field(fields, "committed", Reply.of(configuration.committed() ? 1 : 0));
        field(fields, "members", new Reply.Many(members));
        return new Reply.Many(fields);
    }

    private static String part(Membership membership, ReplicaId replica) {
        if (replica.isWitness()) {
            return "witness";
        } else if (membership.voters().contains(replica)) {
            return "voter";
        } else if (membership.outgoing().contains(replica)) {
            return "leaving";
        }
        return membership.joining().contains(replica) ? "joining" : "learner";
    }

    // ---- leadership and snapshots ----

    private static Step transfer(Words words, Session session) {
        if (words.size() > 2) {
            throw Refusal.wrongArity("raft.transfer");
        }
        NodeId target;
        try {
            target = words.size() == 2 ? NodeId.of(words.text(1)) : null;
        } catch (IllegalArgumentException e) {
            throw new Refusal("ERR " + e.getMessage());
        }
        return later(
                () ->
                        session.facts()
                                .group()
                                .transferLeadership(target)
                                .thenApply(leader -> Reply.bulk(leader.value())));
    }

    private static Step snapshot(Session session) {
        return later(() -> session.facts().group().snapshot().thenApply(Reply::of));
    }

    private static Step later(Supplier<CompletableFuture<Reply>> question) {
        return new Step.Later(question);
    }
}
