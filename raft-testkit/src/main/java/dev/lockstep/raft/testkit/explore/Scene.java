package dev.lockstep.raft.testkit.explore;

import java.util.List;

/** A number of servers, where their ways begin, and what bounds these. */
enum Scene {
    /** Elections, replication, reads, crashes and disks. */
    THREE_SERVERS(
            3,
            new Bounds(5, 8, 6, 4, 2, 2, 2, 1, 1, 0, 2, 1, 0),
            List.of(
                    Beginning.FOUNDED,
                    Beginning.LED,
                    Beginning.PIPELINED,
                    Beginning.CONTESTED,
                    Beginning.DIVERGED)),

    /**
     * Changes of the membership: with four voters, two of them can leave on each side of a split.
     */
    FOUR_SERVERS_CHANGE(
            4,
            new Bounds(4, 10, 4, 2, 1, 1, 1, 0, 1, 0, 0, 0, 2),
            List.of(Beginning.FOUR_LED, Beginning.CHANGE_CONTESTED, Beginning.JOINT));

    final int size;
    final Bounds bounds;
    final List<Beginning> beginnings;

    Scene(int size, Bounds bounds, List<Beginning> beginnings) {
        this.size = size;
        this.bounds = bounds;
        this.beginnings = beginnings;
    }
}
