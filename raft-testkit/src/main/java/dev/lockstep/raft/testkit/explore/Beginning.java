package dev.lockstep.raft.testkit.explore;

/** Where ways begin: the founding, and what takes too many actions to be met soon after it. */
enum Beginning {
    /** Three servers with empty logs. */
    FOUNDED {
        @Override
        void play(Script script) {}
    },

    /** One leader whose first entry all know to be committed. */
    LED {
        @Override
        void play(Script script) {
            script.elect(0, 1, 2).talk(0, 1, 2).heartbeat(0).talk(0, 1, 2);
        }
    },

    /** The same, with more on its way to the followers. */
    PIPELINED {
        @Override
        void play(Script script) {
            script.elect(0, 1, 2).talk(0, 1, 2).propose(0, 8).propose(0, 9);
        }
    },

    /** Figure 8 (b): two former leaders, each with an entry that only it holds. */
    CONTESTED {
        @Override
        void play(Script script) {
            script.elect(0, 2).lose().restart(0).elect(1, 2).lose().restart(1);
        }
    },

    /**
     * Behind an entry that is committed, one server holds two of term 1 that nobody else does, and
     * a second, which leads in term 2, one of that (figure 7).
     */
    DIVERGED {
        @Override
        void play(Script script) {
            script.elect(0, 1, 2)
                    .talk(0, 1, 2)
                    .propose(0, 8)
                    .propose(0, 9)
                    .lose()
                    .restart(0)
                    .restart(2)
                    .elect(1, 2);
        }
    },

    /**
     * One of two full replicas has been silent for long, and two commands are on their way from the
     * other, which leads, to it and to the witness that commits them now.
     */
    ON_WITNESS {
        @Override
        void play(Script script) {
            script.elect(0, 1, 2).talk(0, 1, 2).propose(0, 8);
            for (int i = 0; i < 5; i++) {
                script.heartbeat(0).talk(0, 2);
            }
            script.propose(0, 9);
        }
    },

    /** The same, when what the witness has committed is on one disk, whose process has died. */
    ON_WITNESS_ALONE {
        @Override
        void play(Script script) {
            ON_WITNESS.play(script);
            script.talk(0, 2).heartbeat(0).talk(0, 2).lose().restart(0);
        }
    },

    /** One leader of four servers, whose first entry all know to be committed. */
    FOUR_LED {
        @Override
        void play(Script script) {
            script.elect(0, 1, 2, 3).talk(0, 1, 2, 3).heartbeat(0).talk(0, 1, 2, 3);
        }
    },

    /** A former leader's removal of a server stands in its log alone; that server leads now. */
    CHANGE_CONTESTED {
        @Override
        void play(Script script) {
            script.elect(0, 1, 2, 3)
                    .talk(0, 1, 2, 3)
                    .change(0, 1)
                    .lose()
                    .restart(0)
                    .restart(2)
                    .restart(3)
                    .elect(1, 2, 3);
        }
    },

    /** A leader has just begun to remove two of four. */
    JOINT {
        @Override
        void play(Script script) {
            script.elect(0, 1, 2, 3).talk(0, 1, 2, 3).change(0, 4 + 2);
        }
    };

    /** Plays it; what it did so far is in the script even where it ends by a violation. */
    abstract void play(Script script);
}
