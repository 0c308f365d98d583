package dev.lockstep.raft.testkit.scenario;

import dev.lockstep.raft.core.Effect;
import dev.lockstep.raft.core.Ticket;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.FoundingState;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes effects and messages as scenario files show them: short, with nothing drawn at random. */
final class EffectText {
    private EffectText() {}

    static String of(Effect.Persist persist) {
        List<String> parts = new ArrayList<>();
        HardState hardState = persist.hardState();
        if (persist.founding() != null) {
            parts.add("founding");
        }
        if (hardState != null) {
            parts.add("term=" + hardState.term() + " vote=" + node(hardState.vote()));
            if (hardState.longestPromiseNanos() > 0) {
                parts.add("promise=" + hardState.longestPromiseNanos());
            }
        }
        if (persist.truncateFrom() != 0) {
            parts.add("truncate=" + persist.truncateFrom());
        }
        if (persist.base() != null) {
            parts.add("base=" + persist.base());
        }
        if (!persist.entries().isEmpty()) {
            parts.add("entries=" + entries(persist.entries()));
        }
        return "persist " + String.join(" ", parts);
    }

    static String of(Effect.Send send) {
        return "send "
                + node(send.to())
                + " "
                + of(send.message())
                + (send.afterPersist() ? " after-persist" : "");
    }

    /** The message's name and parts, such as {@code VoteReply(term=4, granted=true)}. */
    static String of(Message message) {
        if (message instanceof FoundingState) {
            return "FoundingState";
        }
        List<String> parts = new ArrayList<>();
        for (RecordComponent component : message.getClass().getRecordComponents()) {
            String value = value(message, component);
            if (!value.equals(EntryKind.COMMAND.name())) { // as what is forwarded mostly is
                parts.add(component.getName() + "=" + value);
            }
        }
        return message.getClass().getSimpleName() + "(" + String.join(", ", parts) + ")";
    }

    static String node(@Nullable ReplicaId replica) {
        return replica == null ? "none" : replica.node().value();
    }

    /** Who belongs to the group, such as {@code voters=1,2 outgoing=1,2,3}. */
    static String of(Membership membership) {
        StringBuilder text = new StringBuilder("voters=").append(nodes(membership.voters()));
        append(text, " outgoing=", membership.outgoing());
        append(text, " learners=", membership.learners());
        append(text, " joining=", membership.joining());
        append(
                text,
                " witnesses=",
                membership.replicas().stream().filter(ReplicaId::isWitness).toList());
        return text.toString();
    }

    private static void append(StringBuilder text, String what, List<ReplicaId> replicas) {
        if (!replicas.isEmpty()) {
            text.append(what).append(nodes(replicas));
        }
    }

    private static String nodes(List<ReplicaId> replicas) {
        return replicas.stream().map(EffectText::node).collect(Collectors.joining(","));
    }

    static String of(Ticket ticket) {
        ReplicaId origin = ticket.origin();
        return "#" + ticket.id() + (origin == null ? "" : " of " + node(origin));
    }

    /** Positions, with the commands' text: {@code [1:2 'x', 2:3 no-op]}. */
    static String entries(List<Entry> entries) {
        return entries.stream().map(EffectText::entry).collect(Collectors.joining(", ", "[", "]"));
    }

    /** A command whose text is its position needs no other text. */
    private static String entry(Entry entry) {
        String position = entry.position().toString();
        if (entry.kind() == EntryKind.CONFIGURATION) {
            return position + " " + of(MembershipFormat.decode(entry.payload()));
        }
        if (entry.kind() != EntryKind.COMMAND) {
            return position + " " + entry.kind();
        }
        String text = entry.payload().asString();
        return text.equals(position) ? position : position + " '" + text + "'";
    }

    private static String value(Message message, RecordComponent component) {
        try {
            Object value = component.getAccessor().invoke(message);
            if (value instanceof Payload payload) {
                return "'" + payload.asString() + "'";
            }
            if (value instanceof ReplicaId replica) {
                return node(replica);
            }
            if (message instanceof AppendEntries append && component.getName().equals("entries")) {
                return entries(append.entries());
            }
            return String.valueOf(value);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("can't read " + component, e);
        }
    }
}
