package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.FoundingState;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What Raft promises, checked from outside of the cores, after every step of a cluster. */
final class ClusterChecks {
    private final CoreCluster cluster;
    private final Map<Long, ReplicaId> leaders = new HashMap<>();
    private final Map<LogPosition, Entry> written = new HashMap<>();
    private final List<LogPosition> committed = new ArrayList<>();
    private final List<Entry> applied = new ArrayList<>();
    private final Map<Vote, ReplicaId> votes = new HashMap<>();
    private final Map<ReplicaId, Long> termTold = new HashMap<>();
    private final Map<Long, Long> readsNeed = new HashMap<>();
    private Founding founding;
    private long lastConfiguration;
    long readsAnswered;
    long readsRefused;

    private record Vote(ReplicaId voter, long term) {}

    ClusterChecks(CoreCluster cluster) {
        this.cluster = cluster;
    }

    long committedCount() {
        return committed.size();
    }

    /** What was told to others can't be taken back by a crash. */
    void restarted(CoreServer server) {
        assertThat(server.core.term())
                .as("term of %s after its restart, having told others of that one", server.id)
                .isGreaterThanOrEqualTo(termTold.getOrDefault(server.id, 0L));
    }

    void stepped(CoreServer server) {
        if (server.leads()) {
            assertThat(server.id.isWitness()).as("%s leads", server.id).isFalse();
            ReplicaId first = leaders.putIfAbsent(server.core.term(), server.id);
            if (first == null) {
                holdsAllCommitted(server);
            } else if (!first.equals(server.id)) {
                throw new AssertionError(
                        first + " and " + server.id + " both lead in term " + server.core.term());
            }
        }
        for (; server.checkedCommit < server.core.commitIndex(); server.checkedCommit++) {
            if (server.core.termAt(server.checkedCommit + 1) >= 0) {
                commit(server, server.checkedCommit + 1);
            } else {
                assertThat(server.checkedCommit)
                        .as("commit index of %s behind a snapshot", server.id)
                        .isLessThan(committed.size());
            }
        }
    }

    private void commit(CoreServer server, long index) {
        LogPosition position = new LogPosition(server.core.termAt(index), index);
        if (index <= committed.size()) {
            if (!committed.get((int) index - 1).equals(position)) {
                throw new AssertionError(
                        server.id
                                + " commits "
                                + position
                                + ", another server "
                                + committed.get((int) index - 1));
            }
            return;
        }
        committed.add(position);
        heldByAQuorum(server, position);
        for (CoreServer other : cluster.servers) {
            if (other.leads()
                    && other.core.term() >= server.core.term()
                    && !isCompacted(other, index)) {
                assertThat(other.core.termAt(index))
                        .as("term at %s of leader %s", index, other.id)
                        .isEqualTo(position.term());
            }
        }
    }

    /**
     * The first to commit is the leader, whose configuration counts; of a joint one both halves.
     */
    private void heldByAQuorum(CoreServer server, LogPosition position) {
        Membership membership = server.core.membership();
        heldByMajority(server, membership.voters(), position);
        if (membership.isJoint()) {
            heldByMajority(server, membership.outgoing(), position);
        }
    }

    private void heldByMajority(CoreServer server, List<ReplicaId> voters, LogPosition position) {
        long copies =
                voters.stream().filter(voter -> cluster.holdsDurably(voter, position)).count();
        assertThat(copies)
                .as("disks of %s that hold %s when %s commits it", voters, position, server.id)
                .isGreaterThan(voters.size() / 2);
    }

    private void holdsAllCommitted(CoreServer leader) {
        for (LogPosition position : committed) {
            if (!isCompacted(leader, position.index())
                    && leader.core.termAt(position.index()) != position.term()) {
                throw new AssertionError(
                        leader.id
                                + " leads in term "
                                + leader.core.term()
                                + " without "
                                + position
                                + ", which is committed");
            }
        }
    }

    /** Whether a snapshot stands for the entry, which is gone. */
    private static boolean isCompacted(CoreServer server, long index) {
        return server.core.termAt(index) < 0 && index <= server.disk.snapshotIndex();
    }

    /** A snapshot is taken behind all that was handed to the state machine. */
    void taken(CoreServer server, SnapshotMeta meta) {
        if (server.id.isWitness()) {
            assertThat(meta.position())
                    .as("snapshot of %s", server.id)
                    .isEqualTo(committed.get((int) meta.position().index() - 1));
            return;
        }
        assertThat(meta.position().index()).isEqualTo(server.handed);
        standsForWhatWasApplied(server, meta);
    }

    /** A snapshot takes the place of the state: an older one never. */
    void restored(CoreServer server, SnapshotMeta meta) {
        assertThat(meta.position().index()).as("%s", meta).isGreaterThan(server.handed);
        standsForWhatWasApplied(server, meta);
        assertThat(server.disk.snapshotIndex())
                .as("durable before it is installed")
                .isGreaterThanOrEqualTo(meta.position().index());
    }

    private void standsForWhatWasApplied(CoreServer server, SnapshotMeta meta) {
        assertThat(meta.position())
                .as("snapshot of %s", server.id)
                .isEqualTo(applied.get((int) meta.position().index() - 1).position());
    }

    void written(CoreServer server, Effect.Persist effect) {
        for (Entry entry : effect.entries()) {
            boolean whole = entry.kind() == EntryKind.CONFIGURATION || !server.id.isWitness();
            if (whole == (entry.kind() == EntryKind.POSITION)) {
                throw new AssertionError(server.id + " writes " + entry);
            }
            Entry before = written.putIfAbsent(entry.position(), entry);
            if (before == null) {
                assertThat(whole).as("%s is known to a full replica", entry).isTrue();
            } else if (!before.equals(entry) && (whole || !before.forWitness().equals(entry))) {
                throw new AssertionError("two entries at one position: " + before + ", " + entry);
            }
        }
    }

    /**
     * A position leaves for a witness when the entry is committed, or on so many full disks that
     * the witnesses complete a quorum: then its leader says so.
     */
    private void toWitness(CoreServer server, AppendEntries append) {
        if (append.entries().isEmpty()) {
            return;
        }
        LogPosition last = append.entries().get(append.entries().size() - 1).position();
        if (last.index() <= committed.size()) {
            return;
        }
        Membership membership = server.core.membership();
        onFullDisks(server, membership.voters(), last);
        if (membership.isJoint()) {
            onFullDisks(server, membership.outgoing(), last);
        }
        cluster.onWitness++;
        // It may have stepped down since, with the message on its way out.
        assertThat(server.core.runsOnWitness() || server.core.role() != Role.LEADER)
                .as("%s sends %s, which isn't committed, to a witness", server.id, last)
                .isTrue();
    }

    private void onFullDisks(CoreServer server, List<ReplicaId> voters, LogPosition position) {
        long full =
                voters.stream()
                        .filter(voter -> !voter.isWitness())
                        .filter(voter -> cluster.holdsDurably(voter, position))
                        .count();
        assertThat(full + Membership.witnesses(voters))
                .as("full disks of %s with %s when %s tells a witness", voters, position, server.id)
                .isGreaterThan(voters.size() / 2);
    }

    void applied(CoreServer server, List<Entry> entries) {
        assertThat(entries).isNotEmpty();
        long index = server.handed;
        for (Entry entry : entries) {
            index++;
            if (entry.index() != index || index > server.core.commitIndex()) {
                throw new AssertionError(server.id + " applies " + entry + " as " + index);
            }
            if (index > applied.size()) {
                applied.add(entry);
            }
            if (!applied.get((int) index - 1).equals(entry)) {
                throw new AssertionError(
                        server.id
                                + " applies "
                                + entry
                                + " where another applied "
                                + applied.get((int) index - 1));
            }
        }
    }

    /** Judges what leaves a server by what its disk holds at that moment. */
    void sent(CoreServer server, Effect.Send send) {
        Message message = send.message();
        HardState durable = server.disk.durableHardState();
        if (message instanceof VoteReply reply && reply.granted()) {
            vote(server, reply.term(), send.to());
        } else if (message instanceof RequestVote request) {
            vote(server, request.term(), server.id);
        } else if (message instanceof AppendAccepted accepted) {
            acknowledged(server, send.to(), accepted);
        } else if (message instanceof AppendEntries append && send.to().isWitness()) {
            toWitness(server, append);
        } else if (message instanceof FoundingState state && state.founding() != null) {
            founded(server, state.founding());
        }
        if (!(message instanceof PreVoteReply || message instanceof RequestPreVote)) {
            if (durable.term() < message.term()) {
                throw new AssertionError(server.id + " sends " + message + " with " + durable);
            }
            termTold.merge(server.id, message.term(), Math::max);
        }
    }

    /** One that was never told to anybody may be lost in a crash, and another drawn. */
    private void founded(CoreServer server, Founding told) {
        assertThat(server.disk.founding()).as("founding on disk of %s", server.id).isNotNull();
        if (founding == null) {
            founding = told;
        }
        if (!founding.sameAs(told)) {
            throw new AssertionError("two foundings: " + founding + ", " + told);
        }
    }

    private void vote(CoreServer server, long term, ReplicaId candidate) {
        HardState durable = server.disk.durableHardState();
        if (durable.term() < term
                || (durable.term() == term && !candidate.equals(durable.vote()))) {
            throw new AssertionError(
                    server.id
                            + " votes for "
                            + candidate
                            + " in "
                            + term
                            + " with disk "
                            + durable);
        }
        ReplicaId first = votes.putIfAbsent(new Vote(server.id, term), candidate);
        assertThat(first == null || first.equals(candidate))
                .as("%s votes in term %s for %s and %s", server.id, term, first, candidate)
                .isTrue();
    }

    private void acknowledged(CoreServer server, ReplicaId to, AppendAccepted accepted) {
        SimDisk disk = server.disk;
        if (disk.durableIndex() < accepted.match()) {
            throw new AssertionError(
                    server.id
                            + " sends "
                            + accepted
                            + " with entries up to "
                            + disk.durableIndex());
        }
        for (CoreServer leader : cluster.servers) {
            if (leader.id.equals(to) && leader.leads() && leader.core.term() == accepted.term()) {
                long match = accepted.match();
                if (match > disk.snapshotIndex()
                        && !isCompacted(leader, match)
                        && leader.core.termAt(match) != disk.durableTermAt(match)) {
                    throw new AssertionError(
                            server.id + " acknowledges what it doesn't hold: " + accepted);
                }
            }
        }
    }

    void configured(CoreServer server, Effect.ConfigurationChanged effect) {
        assertThat(effect.index()).isLessThanOrEqualTo(server.core.last().index());
        if (effect.committed() && effect.index() > lastConfiguration) {
            lastConfiguration = effect.index();
            cluster.configurations++;
            cluster.jointConfigurations += effect.membership().isJoint() ? 1 : 0;
        }
    }

    void readBegins(long id) {
        readsNeed.put(id, (long) committed.size());
    }

    void readReady(long id, long index) {
        Long needed = readsNeed.remove(id);
        if (needed == null) {
            return; // a duplicate of the answer
        }
        if (index < needed) {
            throw new AssertionError("a read that began at " + needed + " sees " + index);
        }
        readsAnswered++;
    }

    void readRefused(long id) {
        if (readsNeed.remove(id) != null) {
            readsRefused++;
        }
    }

    /** Log matching (§3.5): logs that agree at one index agree up to it. */
    void logsMatch() {
        for (CoreServer a : cluster.servers) {
            for (CoreServer b : cluster.servers) {
                if (a.isUp() && b.isUp() && a.id.compareTo(b.id) < 0) {
                    logsMatch(a, b);
                }
            }
        }
    }

    private static void logsMatch(CoreServer a, CoreServer b) {
        boolean agreed = false;
        for (long i = Math.min(a.core.last().index(), b.core.last().index()); i > 0; i--) {
            if (a.core.termAt(i) < 0 || b.core.termAt(i) < 0) {
                return; // compacted, so committed
            }
            boolean agree = a.core.termAt(i) == b.core.termAt(i);
            if (agreed && !agree) {
                throw new AssertionError(
                        a.id + " and " + b.id + " differ at " + i + " and agree behind it");
            }
            agreed = agree;
        }
    }

    /** What the disk was given is the core's log. */
    void diskMatches(CoreServer server) {
        List<Entry> disk = server.disk.appended();
        assertThat(disk.size() + server.disk.appendedBase().index())
                .as("entries given to the disk of %s", server.id)
                .isEqualTo(server.core.last().index());
        for (Entry entry : disk) {
            if (server.core.termAt(entry.index()) != entry.term()) {
                throw new AssertionError(entry + " is on the disk of " + server.id);
            }
        }
    }
}
