package dev.lockstep.raft.core;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import java.util.ArrayList;
import java.util.List;

/**
 * A leader's rule for its witnesses: how much of the log their logs may hold.
 *
 * <p>A witness gives its vote only to who holds at least what it holds, and nobody can get from it
 * what it holds. So a position that no full replica alive holds would block every election. As long
 * as the full voters alone commit, witnesses are told what is committed and no more: whatever
 * majority is alive, some full replica of it holds all that, and can win.
 *
 * <p>When something has waited for an election timeout to be on a majority of full replicas, and a
 * quorum answers nevertheless, the group <em>runs on the witness</em>: positions go to witnesses
 * once their entries are on so many full disks, the leader's among them, that the witnesses
 * complete a quorum; their acknowledgements then commit. Until enough full replicas have caught up,
 * those disks are the only ones with what is committed. Entries of an older term go along with one
 * of this term and not before, since only that proves that they stay (§3.6.2).
 */
final class Witnesses {
    private final RaftCore core;
    private final Followers followers;

    /** Up to here a witness may be told positions; sinks when another membership demands more. */
    private long limit;

    /** Up to here witnesses may have been told while commits needed them. */
    private long told;

    private boolean running;

    /** What a majority of full replicas is to hold; 0 while it holds everything. */
    private long awaited;

    private long awaitedSinceNanos;

    Witnesses(RaftCore core, Followers followers) {
        this.core = core;
        this.followers = followers;
    }

    /** Whether commits need a witness. */
    boolean areNeeded() {
        return running;
    }

    /** The last index that may be sent to a follower now. */
    long end(Progress follower) {
        return follower.replica.isWitness() ? limit : core.log.lastIndex();
    }

    /** What a follower is sent of some entries. */
    static List<Entry> kept(Progress follower, List<Entry> entries) {
        assert entries.stream().noneMatch(Witnesses::isPosition) : "sent on: " + entries;
        if (!follower.replica.isWitness()) {
            return entries;
        }
        List<Entry> positions = new ArrayList<>(entries.size());
        for (int i = 0; i < entries.size(); i++) {
            positions.add(entries.get(i).forWitness());
        }
        return positions;
    }

    static boolean isPosition(Entry entry) {
        return entry.kind() == EntryKind.POSITION;
    }

    /** Called before anything is sent, at each heartbeat at the least. */
    void look() {
        limit = core.commits.committed();
        if (!core.membership().hasWitnesses()) { // but they may be joining, or be told farewell
            running = false;
            awaited = 0;
            return;
        }
        watch(followers.reached(core.durableIndex(), Witnesses::inFull));
        if (running) {
            long held =
                    Math.min(
                            core.durableIndex(),
                            followers.reached(core.durableIndex(), Witnesses::orWitness));
            if (core.log.termAt(held) == core.term()) {
                limit = Math.max(limit, held);
            }
            told = Math.max(told, limit);
        }
    }

    /** Full replicas alone make the quorum. */
    private static long inFull(Progress follower) {
        return follower.replica.isWitness() ? 0 : follower.match();
    }

    /** Witnesses complete the quorum. */
    private static long orWitness(Progress follower) {
        return follower.replica.isWitness() ? Long.MAX_VALUE : follower.match();
    }

    /**
     * @param full what a majority of disks holds, all of them full replicas'
     */
    private void watch(long full) {
        if (running && full < Math.max(told, awaited)) {
            return;
        }
        running = false;
        if (full >= awaited) {
            awaited = full < core.log.lastIndex() ? core.log.lastIndex() : 0;
            awaitedSinceNanos = core.now();
        } else if (core.now() - awaitedSinceNanos >= core.options.electionTimeout().toNanos()
                && followers.silenceNanos() < core.options.electionTimeout().toNanos() / 2) {
            running = true;
            awaited = core.log.lastIndex();
        }
    }
}
