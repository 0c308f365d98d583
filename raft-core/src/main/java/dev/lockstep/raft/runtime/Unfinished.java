package dev.lockstep.raft.runtime;

import org.jspecify.annotations.Nullable;

/**
 * All proposals that haven't ended, oldest first. All have the same time to live, so the oldest
 * expires first.
 */
final class Unfinished {
    private @Nullable Proposal oldest;
    private @Nullable Proposal newest;

    private int size;

    int size() {
        return size;
    }

    @Nullable Proposal oldest() {
        return oldest;
    }

    void add(Proposal proposal) {
        proposal.older = newest;
        if (newest == null) {
            oldest = proposal;
        } else {
            newest.newer = proposal;
        }
        newest = proposal;
        size++;
    }

    /**
     * Marks it as finished and takes it out.
     *
     * @return false when it is not in here: finished before, or never added
     */
    boolean remove(Proposal proposal) {
        boolean linked = proposal == oldest || proposal.older != null;
        proposal.finished = true;
        if (!linked) {
            return false;
        }
        if (proposal.older != null) {
            proposal.older.newer = proposal.newer;
        } else {
            oldest = proposal.newer;
        }
        if (proposal.newer != null) {
            proposal.newer.older = proposal.older;
        } else {
            newest = proposal.older;
        }
        proposal.older = null;
        proposal.newer = null;
        size--;
        return true;
    }
}
