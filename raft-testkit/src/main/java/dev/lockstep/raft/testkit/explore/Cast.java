package dev.lockstep.raft.testkit.explore;

import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipChange;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.ReplicaId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who takes part, and a number for every message and entry that was ever seen: a state is then a
 * few ints.
 */
final class Cast {
    /** Three heartbeats without an answer depose a leader: as few as the options allow. */
    private static final Duration HEARTBEAT = Duration.ofMillis(100);

    final RaftOptions options;
    final Founding founding;
    private final List<ReplicaId> servers = new ArrayList<>();
    private final Numbers<Flight> flights = new Numbers<>();
    private final Numbers<Entry> entries = new Numbers<>();

    /** A message on its way between two servers. */
    record Flight(int from, int to, Message message) {}

    /**
     * @param witness the number of the server that is one; {@link Scene#NO_WITNESS} for none
     */
    Cast(int size, int witness) {
        for (int i = 0; i < size; i++) {
            long version = i == witness ? ReplicaId.WITNESS_VERSION : 0;
            UUID incarnation = new UUID(7L << 16 | version << 12, i + 1);
            servers.add(new ReplicaId(NodeId.of("n" + (i + 1)), incarnation));
        }
        founding = new Founding(new UUID(1, 1), Membership.ofVoters(servers), true);
        options =
                RaftOptions.defaults()
                        .with()
                        .electionTimeout(HEARTBEAT.multipliedBy(3))
                        .heartbeatInterval(HEARTBEAT)
                        .maxAppendBytes(1)
                        .sleepAfter(Duration.ZERO) // longer than any time that is told apart
                        .build();
    }

    int size() {
        return servers.size();
    }

    ReplicaId id(int server) {
        return servers.get(server);
    }

    List<NodeId> nodes() {
        return servers.stream().map(ReplicaId::node).toList();
    }

    /** By node: who is told of a founding need not be known by incarnation. */
    int numberOf(ReplicaId replica) {
        for (int i = 0; i < servers.size(); i++) {
            if (servers.get(i).node().equals(replica.node())) {
                return i;
            }
        }
        throw new IllegalArgumentException(replica + " takes no part");
    }

    /** How many changes of the membership there are to choose from. */
    int changes() {
        return 3 * servers.size();
    }

    /** One server leaves, or it and the next one, or it becomes a learner. */
    MembershipChange change(int choice) {
        int size = servers.size();
        String node = servers.get(choice % size).node().value();
        MembershipChange.Builder change = MembershipChange.builder();
        return switch (choice / size) {
            case 0 -> change.remove(node).build();
            case 1 ->
                    change.remove(node)
                            .remove(servers.get((choice + 1) % size).node().value())
                            .build();
            default -> change.demote(node).build();
        };
    }

    int flight(int from, int to, Message message) {
        return flights.of(new Flight(from, to, message));
    }

    Flight flight(int number) {
        return flights.at(number);
    }

    int entry(Entry entry) {
        return entries.of(entry);
    }

    Entry entry(int number) {
        return entries.at(number);
    }

    /** Whether these are one entry, of which a witness has the position alone. */
    boolean isSame(int one, int other) {
        if (one == other) {
            return true;
        }
        Entry first = entry(one);
        Entry second = entry(other);
        return isPosition(first) != isPosition(second)
                && first.forWitness().equals(second.forWitness());
    }

    static boolean isPosition(Entry entry) {
        return entry.kind() == EntryKind.POSITION;
    }

    boolean isWitness(int server) {
        return servers.get(server).isWitness();
    }

    /** The one in force at the end of a log. */
    Configuration configuration(int[] log) {
        for (int i = log.length - 1; i >= 0; i--) {
            Configuration own = configurationOf(log[i]);
            if (own != null) {
                return own;
            }
        }
        return Configuration.of(founding.initial(), this);
    }

    /** The one that an entry brings; null for any other entry. */
    @Nullable Configuration configurationOf(int number) {
        Entry entry = entry(number);
        return entry.kind() == EntryKind.CONFIGURATION
                ? Configuration.of(MembershipFormat.decode(entry.payload()), this)
                : null;
    }

    int[] entries(List<Entry> log) {
        int[] numbers = new int[log.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = entry(log.get(i));
        }
        return numbers;
    }

    /** Equal values get the same number, counted from 0 in the order in which they come. */
    static final class Numbers<T> {
        private final Map<T, Integer> numbers = new HashMap<>();
        private final List<T> values = new ArrayList<>();

        int of(T value) {
            Integer known = numbers.get(value);
            if (known != null) {
                return known;
            }
            values.add(value);
            numbers.put(value, values.size() - 1);
            return values.size() - 1;
        }

        T at(int number) {
            return values.get(number);
        }
    }
}
