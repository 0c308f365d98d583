package dev.lockstep.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.WrittenLog;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.spi.ReplicaWrite;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The simplest model of a log store: the state after each record, and how many of them are
 * acknowledged. What is found after a crash must be one of those states, and none before the last
 * acknowledged one.
 */
final class Ledger {
    record State(@Nullable Founding founding, HardState hardState, List<Entry> entries) {
        static final State EMPTY = new State(null, HardState.INITIAL, List.of());

        State cutFrom(long from) {
            return new State(founding, hardState, List.copyOf(entries.subList(0, (int) from - 1)));
        }

        State with(Entry entry) {
            List<Entry> more = new ArrayList<>(entries);
            more.add(entry);
            return new State(founding, hardState, List.copyOf(more));
        }
    }

    private final List<Map<GroupId, State>> history = new ArrayList<>(List.of(Map.of()));
    private final Map<GroupId, ReplicaId> incarnations = new HashMap<>();
    private int acknowledged;
    private long boot;
    private long peerBoot;

    Ledger copy() {
        Ledger copy = new Ledger();
        copy.history.clear();
        copy.history.addAll(history);
        copy.incarnations.putAll(incarnations);
        copy.acknowledged = acknowledged;
        copy.boot = boot;
        copy.peerBoot = peerBoot;
        return copy;
    }

    /** The state with all that was written, acknowledged or not. */
    State last(GroupId group) {
        return history.get(history.size() - 1).getOrDefault(group, State.EMPTY);
    }

    void make(LogStore store, GroupId group) throws IOException {
        ReplicaId id = store.replica(group).id();
        ReplicaId before = incarnations.putIfAbsent(group, id);
        assertThat(before == null || before.equals(id)).as("%s was %s", id, before).isTrue();
    }

    void append(LogStore store, ReplicaWrite write) throws IOException {
        State state = last(write.group());
        if (write.founding() != null) {
            state =
                    step(
                            write.group(),
                            new State(write.founding(), state.hardState(), state.entries()));
        }
        if (write.hardState() != null) {
            state =
                    step(
                            write.group(),
                            new State(state.founding(), write.hardState(), state.entries()));
        }
        if (write.truncateFrom() > 0) {
            state = step(write.group(), state.cutFrom(write.truncateFrom()));
        }
        for (Entry entry : write.entries()) {
            state = step(write.group(), state.with(entry));
        }
        try {
            store.append(write);
        } catch (DiskFullException e) {
            forgetWhatWasNotTaken(store.written(write.group()), write.group());
            throw e;
        }
    }

    private void forgetWhatWasNotTaken(WrittenLog taken, GroupId group) {
        while (!last(group).hardState().equals(taken.hardState())
                || last(group).entries().size() != taken.lastIndex()) {
            history.remove(history.size() - 1);
            assertThat(history.size()).as("%s", taken).isGreaterThan(acknowledged);
        }
    }

    void sync(LogStore store) throws IOException {
        store.sync();
        acknowledged = history.size() - 1;
    }

    /** A peer comes in its next boot; when the verdict is good, that boot was seen for ever. */
    void meetPeer(LogStore store) {
        long next = peerBoot + 1;
        store.peerBoots()
                .meet(
                        Samples.peer(next),
                        fault -> {
                            if (fault == null) {
                                peerBoot = next;
                            }
                        });
    }

    private void checkPeer(LogStore store) {
        for (long earlier = 1; earlier < peerBoot; earlier++) {
            store.peerBoots()
                    .meet(
                            Samples.peer(earlier),
                            fault -> assertThat(fault).as("%d", peerBoot).isNotNull());
        }
    }

    /** Checks what a store holds that was just opened, and goes on from there. */
    void checkReopened(LogStore store) throws IOException {
        checkPeer(store);
        assertThat(store.identity().boot()).as("boot").isGreaterThan(boot);
        boot = store.identity().boot();
        Map<GroupId, State> found = found(store);
        int match = history.size() - 1;
        while (match > acknowledged && !matches(history.get(match), found)) {
            match--;
        }
        assertThat(found).isEqualTo(only(history.get(match), found));
        Map<GroupId, State> now = history.get(match);
        history.clear();
        history.add(now);
        acknowledged = 0;
    }

    /** Checks that an open store shows all that was written. */
    void checkOpen(LogStore store) throws IOException {
        Map<GroupId, State> found = found(store);
        assertThat(found).isEqualTo(only(history.get(history.size() - 1), found));
    }

    private Map<GroupId, State> found(LogStore store) throws IOException {
        Map<GroupId, State> found = new HashMap<>();
        for (GroupId group : incarnations.keySet()) {
            RecoveredReplica replica = store.replica(group);
            assertThat(replica.id()).isEqualTo(incarnations.get(group));
            State state =
                    new State(replica.founding(), replica.hardState(), Samples.log(store, group));
            assertThat(replica.terms()).isEqualTo(terms(state.entries()));
            found.put(group, state);
        }
        return found;
    }

    private State step(GroupId group, State next) {
        Map<GroupId, State> states = new HashMap<>(history.get(history.size() - 1));
        states.put(group, next);
        history.add(states);
        return next;
    }

    private static boolean matches(Map<GroupId, State> expected, Map<GroupId, State> found) {
        return found.equals(only(expected, found));
    }

    private static Map<GroupId, State> only(Map<GroupId, State> states, Map<GroupId, State> like) {
        Map<GroupId, State> result = new HashMap<>();
        like.keySet().forEach(group -> result.put(group, states.getOrDefault(group, State.EMPTY)));
        return result;
    }

    private static List<LogPosition> terms(List<Entry> entries) {
        List<LogPosition> terms = new ArrayList<>();
        for (Entry entry : entries) {
            if (terms.isEmpty() || terms.get(terms.size() - 1).term() != entry.term()) {
                terms.add(entry.position());
            }
        }
        return terms;
    }
}
