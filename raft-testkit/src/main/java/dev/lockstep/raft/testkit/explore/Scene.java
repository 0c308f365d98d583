package dev.lockstep.raft.testkit.explore;

import java.util.List;

/** A number of servers, where their ways begin, and what bounds these. */
enum Scene {
    /** Elections, replication, reads, crashes and disks. */
    THREE_SERVERS(3) {
        @Override
        Bounds bounds() {
            return new Bounds(5, 8, 6, 4, 2, 2, 2, 1, 1, 0, 2, 1, 0);
        }

        @Override
        List<Beginning> beginnings() {
            return List.of(
                    Beginning.FOUNDED,
                    Beginning.LED,
                    Beginning.PIPELINED,
                    Beginning.CONTESTED,
                    Beginning.DIVERGED);
        }
    },

    /** Two full voters and a witness. */
    WITH_WITNESS(3) {
        @Override
        int witness() {
            return 2;
        }

        @Override
        Bounds bounds() {
            return new Bounds(4, 8, 6, 3, 3, 2, 2, 1, 1, 2, 1, 1, 0);
        }

        @Override
        List<Beginning> beginnings() {
            return List.of(
                    Beginning.LED,
                    Beginning.PIPELINED,
                    Beginning.CONTESTED,
                    Beginning.ON_WITNESS,
                    Beginning.ON_WITNESS_ALONE);
        }
    },

    /**
     * Changes of the membership: with four voters, two of them can leave on each side of a split.
     */
    FOUR_SERVERS_CHANGE(4) {
        @Override
        Bounds bounds() {
            return new Bounds(4, 10, 4, 2, 1, 1, 1, 0, 1, 0, 0, 0, 2);
        }

        @Override
        List<Beginning> beginnings() {
            return List.of(Beginning.FOUR_LED, Beginning.CHANGE_CONTESTED, Beginning.JOINT);
        }
    };

    final int size;

    Scene(int size) {
        this.size = size;
    }

    /** For {@link #witness}: all are full replicas. */
    static final int NO_WITNESS = -1;

    /** The number of the server that is a witness. */
    int witness() {
        return NO_WITNESS;
    }

    final Cast cast() {
        return new Cast(size, witness());
    }

    abstract Bounds bounds();

    abstract List<Beginning> beginnings();
}
