package dev.lockstep.raft.core;

import dev.lockstep.raft.message.EntryCopy;
import dev.lockstep.raft.message.FetchEntry;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The entries of this log that its own disk has damaged, while their positions are known
 * (protocol-aware recovery, Alagappan et al., FAST'18).
 *
 * <p>A replica with such entries still votes, since that takes positions only. It doesn't campaign,
 * and acknowledges, commits and applies only what is before the first of them. It asks its peers
 * for copies: whoever holds an entry of that index and term, committed or not, holds the same one.
 * It never drops them itself; a leader of a later term may, as any entry that is in conflict.
 */
final class Repair {
    private static final int MOST_ASKED = 16;
    private static final int MOST_WANTED = 64;
    private static final int ROUNDS_TO_READ_AGAIN = 8;
    private static final long NO_COPY = 0;

    private final RaftCore core;

    /** By index, the number of the copy that came for it; {@link #NO_COPY} while none has. */
    private final TreeMap<Long, Long> damaged = new TreeMap<>();

    /** What came, to be given to the disk. */
    private final List<Entry> copies = new ArrayList<>();

    /** Counts the copies that came. */
    private long came;

    /** The last copy that the disk was given. */
    private long handed;

    private @Nullable Fault fault;
    private long nextNanos;
    private int round;

    /** What others wait for, which is being read from this disk. */
    private final List<Wanted> wanted = new ArrayList<>();

    private record Wanted(ReplicaId by, long index) {}

    Repair(RaftCore core, RecoveredReplica recovered, long nowNanos) {
        this.core = core;
        for (LogPosition position : recovered.damaged()) {
            damaged.put(position.index(), NO_COPY);
        }
        if (!damaged.isEmpty()) {
            fault = recovered.damage();
            nextNanos = nowNanos;
        }
    }

    boolean isNeeded() {
        return !damaged.isEmpty();
    }

    /** The last index before the first damaged entry. */
    long soundUpTo() {
        return damaged.isEmpty() ? Long.MAX_VALUE : damaged.firstKey() - 1;
    }

    /** What is damaged, and what it means; null when nothing is. */
    @Nullable Fault fault() {
        return fault;
    }

    /** Another entry that the log holds turns out to be damaged. */
    void found(long index, Fault why) {
        if (damaged.putIfAbsent(index, NO_COPY) == null) {
            fault = fault == null ? why : fault;
            nextNanos = core.now();
        }
    }

    void truncatedFrom(long index) {
        damaged.tailMap(index, true).clear();
        copies.removeIf(copy -> copy.index() >= index);
        endIfDone();
    }

    /** A snapshot stands for what was before. */
    void forgetUpTo(long index) {
        damaged.headMap(index, true).clear();
        copies.removeIf(copy -> copy.index() <= index);
        endIfDone();
    }

    private void endIfDone() {
        if (damaged.isEmpty()) {
            fault = null;
        }
    }

    // ---- asking ----

    long deadlineNanos() {
        return damaged.containsValue(NO_COPY) ? nextNanos : RaftCore.NO_DEADLINE;
    }

    /** Asks one of the others, each time another one, and now and then the own disk again. */
    void ask() {
        nextNanos = core.now() + core.options.heartbeatInterval().toNanos();
        List<NodeId> others = List.copyOf(others());
        int asked = 0;
        round++;
        for (Map.Entry<Long, Long> each : damaged.entrySet()) {
            if (each.getValue() != NO_COPY || asked++ >= MOST_ASKED) {
                continue;
            }
            long index = each.getKey();
            if (!others.isEmpty()) {
                core.outbox.send(
                        FoundingRole.anyOn(others.get(round % others.size())),
                        new FetchEntry(new LogPosition(core.log.termAt(index), index)));
            }
            if (round % ROUNDS_TO_READ_AGAIN == 0) {
                core.outbox.add(new Effect.Load(index, 1)); // a read may fail for once only
            }
        }
    }

    private SortedSet<NodeId> others() {
        TreeSet<NodeId> nodes = new TreeSet<>(core.founding.initialNodes());
        for (ReplicaId replica : core.membership().replicas()) {
            nodes.add(replica.node());
        }
        ReplicaId leader = core.leader();
        if (leader != null) {
            nodes.add(leader.node()); // the configuration may be what is damaged
        }
        nodes.remove(core.self.node());
        return nodes;
    }

    void onCopy(EntryCopy message) {
        Entry entry = message.entry();
        Long copy = damaged.get(entry.index());
        boolean isAsked =
                copy != null && copy == NO_COPY && core.log.termAt(entry.index()) == entry.term();
        boolean isUnderstood =
                entry.kind() != EntryKind.CONFIGURATION || Configurations.refusal(entry) == null;
        boolean isOfOwnKind =
                entry.kind() == EntryKind.CONFIGURATION
                        || Witnesses.isPosition(entry) == core.self.isWitness();
        if (!isAsked || !isUnderstood || !isOfOwnKind) {
            return;
        }
        copies.add(entry);
        damaged.put(entry.index(), ++came);
        core.log.repaired(entry);
    }

    // ---- the disk ----

    /** The copies that the disk hasn't been given yet. */
    List<Entry> takeCopies() {
        if (copies.isEmpty()) {
            return List.of();
        }
        List<Entry> taken = List.copyOf(copies);
        handed = came;
        copies.clear();
        return taken;
    }

    long handed() {
        return handed;
    }

    /** The disk took none of the copies that aren't durable yet: others are asked for. */
    void copiesRefused() {
        copies.clear();
        damaged.replaceAll((index, copy) -> NO_COPY);
    }

    /**
     * The copies up to that number are durable.
     *
     * @return whether that made good anything
     */
    boolean durable(long count) {
        if (damaged.isEmpty()) {
            return false;
        }
        boolean any = damaged.values().removeIf(copy -> copy != NO_COPY && copy <= count);
        endIfDone();
        return any;
    }

    // ---- being asked ----

    void onFetch(ReplicaId from, FetchEntry request) {
        long index = request.position().index();
        if (index <= core.log.base().index()) {
            core.behaviour().onTooOld(from); // only a snapshot holds it
        } else if (!core.log.holds(request.position()) || damaged.containsKey(index)) {
            return;
        } else if (core.log.caches(index)) {
            sendCopy(from, core.log.cached(index));
        } else if (wanted.size() < MOST_WANTED) {
            wanted.add(new Wanted(from, index));
            core.outbox.add(new Effect.Load(index, 1));
        }
    }

    /** As that kind of replica holds it: a witness has no payload, and has none to give. */
    private void sendCopy(ReplicaId to, Entry entry) {
        if (to.isWitness()) {
            core.outbox.send(to, new EntryCopy(entry.forWitness()));
        } else if (!Witnesses.isPosition(entry)) {
            core.outbox.send(to, new EntryCopy(entry));
        }
    }

    /**
     * @param entries what was read from there on; none when that failed
     * @return whether that made good anything
     */
    boolean onLoaded(long from, List<Entry> entries) {
        for (Iterator<Wanted> each = wanted.iterator(); each.hasNext(); ) {
            Wanted next = each.next();
            if (next.index() == from) {
                each.remove();
                if (!entries.isEmpty()) {
                    sendCopy(next.by(), entries.get(0));
                }
            }
        }
        // Whole, as its checksum says: the disk has failed to read it, and has it.
        boolean isThere = !entries.isEmpty() && damaged.remove(from, NO_COPY);
        endIfDone();
        return isThere;
    }
}
