package dev.lockstep.raft.core;

import dev.lockstep.raft.message.FetchSnapshot;
import dev.lockstep.raft.message.InstallPosition;
import dev.lockstep.raft.message.InstallSnapshot;
import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One replica's snapshots, in every role (chapter 5): decides when one is taken, cuts the log
 * behind it, serves it to others, and installs one that was fetched.
 *
 * <p>The log is cut only behind a snapshot that is durable. Older snapshots are dropped, but not
 * while somebody fetches them. A transfer also keeps the log behind its snapshot, within a bound.
 *
 * <p>Where the state machine keeps its state durably itself, snapshots are taken by reference: they
 * hold no state, and nobody can fetch them. Once somebody wants to, one is taken with the state.
 */
final class Snapshots {
    /** So many election timeouts after the last question about it a snapshot counts as fetched. */
    private static final int PINNED_TIMEOUTS = 10;

    /** So many times the bytes between two snapshots the log is kept for who fetches one. */
    private static final long SNAPSHOTS_BEHIND = 4;

    final SnapshotFetch fetch;
    private final RaftCore core;
    private final Compaction compaction;

    /** Durable and not dropped, ascending; the last is the newest. */
    private final List<Held> held = new ArrayList<>();

    /** The one that is being taken; null when none is. */
    private @Nullable LogPosition taking;

    private boolean wanted;

    /** Whether somebody wants to fetch one, and all are by reference. */
    private boolean stateWanted;

    /** Whether nothing is to be kept behind the next snapshot. */
    private boolean crowded;

    private static final class Held {
        final SnapshotMeta meta;
        boolean fetched;
        long fetchedNanos;

        Held(SnapshotMeta meta) {
            this.meta = meta;
        }

        LogPosition position() {
            return meta.position();
        }
    }

    Snapshots(RaftCore core, @Nullable SnapshotMeta recovered) {
        this.core = core;
        this.fetch = new SnapshotFetch(core);
        this.compaction =
                new Compaction(
                        recovered == null ? 0 : recovered.position().index(),
                        core.options.keptLogBytes());
        if (recovered != null) {
            held.add(new Held(recovered));
        }
    }

    void on(SnapshotNews news) {
        if (news instanceof SnapshotNews.Taken taken) {
            onTaken(taken.meta());
        } else if (news instanceof SnapshotNews.Failed) {
            taking = null;
            stateWanted = false; // whoever wants it asks again
        } else if (news instanceof SnapshotNews.Stored stored) {
            fetch.onStored(stored);
        } else if (news instanceof SnapshotNews.Received received) {
            onReceived(received);
        } else if (news instanceof SnapshotNews.Unusable unusable) {
            fetch.onEnd(unusable.id());
        } else if (news instanceof SnapshotNews.Crowded) {
            crowded = true;
            wanted = true;
        } else {
            wanted = true;
        }
    }

    /** Whether none is being taken or fetched here, or about to be. */
    boolean isIdle() {
        return taking == null && !wanted && !stateWanted && fetch.isIdle();
    }

    // ---- taking ----

    void handed(long index, long bytes) {
        compaction.handed(index, bytes);
    }

    /** Takes one when it is time to; after everything was handed out, so behind all of that. */
    void takeIfDue() {
        long index = core.commits.handed();
        boolean withState = stateWanted && reachesOwnState(index);
        boolean due = wanted || withState || isEnough(index);
        // No snapshot is of a term that this disk hasn't heard of: a restart would find a log that
        // is ahead of its own hard state.
        if (!due || taking != null || !core.termIsDurable()) {
            return;
        }
        wanted = false;
        if (index <= newestIndex() && !withState) {
            if (crowded) {
                cutLog(newestIndex());
            }
            return;
        }
        taking = new LogPosition(core.log.termAt(index), index);
        compaction.taking(index);
        Configurations.At configuration = core.configurations.at(index);
        request(
                new SnapshotWork.Take(
                        new SnapshotMeta(
                                taking,
                                configuration.index(),
                                configuration.membership(),
                                core.log.newestTimestampMillis(),
                                core.ownState != null && !withState)));
    }

    /** At first the state is ahead of what was handed out in this process. */
    private boolean reachesOwnState(long index) {
        return core.ownState == null || index >= core.ownState.index();
    }

    /** By what was handed out behind the last snapshot. */
    private boolean isEnough(long index) {
        int entries = core.options.snapshotEntries();
        return compaction.bytesSinceLast() >= core.options.snapshotBytes()
                || (entries > 0 && index - compaction.lastIndex() >= entries);
    }

    private void onTaken(SnapshotMeta meta) {
        taking = null;
        if (isStateOfNewest(meta)) {
            held.remove(held.size() - 1); // its file took the place of the one without
            addForFetching(meta);
            return;
        }
        if (meta.position().index() <= newestIndex()) {
            dropUnlessNeeded(meta.position()); // one was installed meanwhile
            return;
        }
        if (meta.position().index() > core.commits.committed()) {
            install(meta); // a witness's, of its leader
            return;
        }
        if (stateWanted && !meta.byReference()) {
            addForFetching(meta);
        } else {
            held.add(new Held(meta));
        }
        core.configurations.forgetBefore(meta.position().index());
        cutLog(meta.position().index());
        dropOld();
    }

    private boolean isStateOfNewest(SnapshotMeta meta) {
        if (held.isEmpty() || meta.byReference()) {
            return false;
        }
        SnapshotMeta newest = held.get(held.size() - 1).meta;
        return newest.byReference() && newest.position().equals(meta.position());
    }

    /** It isn't dropped before whoever wants it has had time to ask again. */
    private void addForFetching(SnapshotMeta meta) {
        stateWanted = false;
        Held one = new Held(meta);
        one.fetched = true;
        one.fetchedNanos = core.now();
        held.add(one);
    }

    /**
     * Makes a leader's snapshot this witness's own: without any state it is no more than what the
     * leader has told already. Asked for again as long as it isn't there.
     */
    void store(SnapshotMeta meta) {
        if (taking == null && core.termIsDurable()) {
            taking = meta.position();
            request(new SnapshotWork.Take(meta));
        }
    }

    /** There is one file of a position, whether it was taken here or fetched. */
    private void dropUnlessNeeded(LogPosition position) {
        if (!position.equals(taking)
                && held.stream().noneMatch(one -> one.position().equals(position))) {
            request(new SnapshotWork.Drop(position));
        }
    }

    private void cutLog(long snapshot) {
        long needed = neededBehind(snapshot);
        long cut = compaction.cut(needed);
        if (crowded) {
            crowded = false;
            cut = needed;
        }
        if (cut > core.log.base().index()) {
            core.log.moveBase(new LogPosition(core.log.termAt(cut), cut));
            core.repair.forgetUpTo(cut);
        }
    }

    /**
     * A follower that fetches a snapshot needs the log behind it next. If that were cut meanwhile
     * it would have to begin again, for ever where snapshots are taken faster than they are sent.
     * So the log stays, but for no more bytes than some snapshots' worth, and for nobody silent.
     */
    private long neededBehind(long snapshot) {
        if (!(core.behaviour() instanceof Leader leader)) {
            return snapshot;
        }
        long needed = snapshot;
        for (Progress follower : leader.followers()) {
            boolean alive =
                    core.now() - follower.heardNanos() < core.options.electionTimeout().toNanos();
            if (alive && follower.fetching() != 0) {
                needed = Math.min(needed, follower.fetching());
            }
        }
        long most = SNAPSHOTS_BEHIND * core.options.snapshotBytes();
        return compaction.between(needed, snapshot) <= most ? needed : snapshot;
    }

    private void dropOld() {
        long patience = PINNED_TIMEOUTS * core.options.electionTimeout().toNanos();
        long newest = newestIndex();
        held.removeIf(
                old -> {
                    boolean pinned = old.fetched && core.now() - old.fetchedNanos < patience;
                    if (old.position().index() == newest || pinned) {
                        return false;
                    }
                    request(new SnapshotWork.Drop(old.position()));
                    return true;
                });
    }

    // ---- sending ----

    /** Tells a follower whose next entry is gone from the log to fetch a snapshot. */
    void offer(Progress follower, Iterable<Progress> others) {
        if (follower.mayBeOffered(core.now(), core.options.electionTimeout().toNanos() / 2)) {
            long base = core.log.base().index();
            Held newest = held.get(held.size() - 1);
            Held whole = newestWhole(base);
            LogPosition position = (whole == null ? newest : whole).position();
            follower.offered(core.now(), position.index(), base);
            core.outbox.send(
                    follower.replica,
                    follower.replica.isWitness()
                            ? new InstallPosition(core.term(), newest.meta.ofTheLog())
                            : new InstallSnapshot(
                                    core.term(), position, base, source(follower, others)));
        }
    }

    private @Nullable Held newestWhole(long atLeast) {
        for (int i = held.size() - 1; i >= 0; i--) {
            Held one = held.get(i);
            if (!one.meta.byReference() && one.position().index() >= atLeast) {
                return one;
            }
        }
        return null;
    }

    /** The leader itself, or, to spare it, another follower that is about as far. */
    private ReplicaId source(Progress follower, Iterable<Progress> others) {
        long patience = core.options.electionTimeout().toNanos();
        if (core.options.snapshotsFromFollowers()) {
            for (Progress other : others) {
                if (other != follower
                        && !other.replica.isWitness()
                        && other.match() >= newestIndex()
                        && core.now() - other.heardNanos() < patience) {
                    return other.replica;
                }
            }
        }
        return core.self;
    }

    void onFetch(ReplicaId from, FetchSnapshot request) {
        Held found = core.self.isWitness() ? null : find(request);
        if (found == null) {
            // One of a state that ends before would not be what was asked for.
            stateWanted |=
                    core.ownState != null
                            && request.id() == null
                            && !held.isEmpty()
                            && core.commits.handed() >= request.atLeast();
            core.outbox.send(from, SnapshotChunk.NONE);
            return;
        }
        found.fetched = true;
        found.fetchedNanos = core.now();
        request(
                new SnapshotWork.SendChunk(
                        from,
                        found.position(),
                        request.id(),
                        request.offset(),
                        core.options.snapshotChunkBytes()));
    }

    private @Nullable Held find(FetchSnapshot request) {
        SnapshotId id = request.id();
        if (id == null) {
            return newestWhole(request.atLeast());
        }
        for (Held one : held) {
            if (one.position().equals(id.position()) && !one.meta.byReference()) {
                return one;
            }
        }
        return null;
    }

    // ---- installing ----

    /**
     * A fetched snapshot is durable. What this replica knows to be committed anyway it needs no
     * snapshot for; one that leads or campaigns has other sorrows, and is told again if it must.
     */
    private void onReceived(SnapshotNews.Received received) {
        fetch.onEnd(received.id());
        install(received.meta());
    }

    /** Whether a snapshot of that position holds what can't be had from the log. */
    boolean isNeeded(LogPosition position) {
        long index = position.index();
        boolean isDamaged = index > core.repair.soundUpTo();
        return index > core.commits.committed() || (isDamaged && index > core.commits.handed());
    }

    private void install(SnapshotMeta meta) {
        LogPosition position = meta.position();
        if (!isNeeded(position) || !(core.behaviour() instanceof Follower follower)) {
            dropUnlessNeeded(position);
            return;
        }
        // Where the log holds the position it agrees up to there, and what follows may be the
        // leader's; else all of it is behind or in conflict (§5.3).
        boolean rest = core.log.holds(position);
        core.configurations.restartAt(meta.configurationIndex(), meta.membership(), rest);
        core.logRestartsAt(position, meta.timestampMillis());
        core.commits.restartAt(position.index());
        compaction.restartAt(position.index());
        held.add(new Held(meta));
        if (!core.self.isWitness()) {
            request(new SnapshotWork.Restore(meta));
        }
        follower.installed(position.index());
        dropOld();
    }

    long newestIndex() {
        return held.isEmpty() ? 0 : held.get(held.size() - 1).position().index();
    }

    private void request(SnapshotWork work) {
        core.outbox.add(new Effect.Snapshots(work));
    }
}
