package dev.lockstep.raft.testkit;

/** What the nemesis of a run can do to a cluster. */
public enum FaultKind {
    KILL("kill", 0.5, 2, 15),
    POWER_LOSS("power loss", 0.5, 3, 20),
    BLACKOUT("blackout", 0.4, 10, 40),
    CRASH_IN_IO("crash in I/O", 0.5, 2, 15),
    FAILED_SYNC("failed sync", 0.4, 5, 30),
    FAILED_READ("failed read", 0.3, 5, 30),
    HUNG_DISK("hung disk", 0.3, 5, 30),
    PAUSE("pause", 0.5, 2, 15),
    PARTITION("partition", 0.4, 2, 15),
    PARTIAL_PARTITION("partial partition", 0.4, 3, 15),
    ONE_WAY_CUT("one-way cut", 0.4, 2, 15),
    CLOG("clog", 0.4, 2, 15),
    SLOW_LINK("slow link", 0.4, 3, 15),
    DISCONNECT("disconnect", 0.4, 1, 10),
    CLOCK_JUMP("clock jump", 0.4, 1, 10),
    FLOOD("flood", 0.4, 2, 10),
    /** A leader is cut off and floods itself; so does the next one. */
    DIVERGENCE("divergence", 0.5, 4, 15),
    TRANSFER("transfer", 0.4, 2, 15),
    /**
     * Voters are removed, demoted, added and promoted: of a minority, so that the rest can go on.
     */
    MEMBER_CHANGE("member change", 0.3, 1, 8),
    /**
     * One joins with an empty directory, maybe in the place of a member that is dead; or leaves.
     */
    SPARE_HOST("spare host", 1, 3, 15),
    /** A member is removed, its directory emptied, and what lives there then is added. */
    REBUILT_HOST("rebuilt host", 0.3, 6, 25),
    FULL_DISK("full disk", 0.3, 5, 30),
    READ_ONLY_DISK("read-only disk", 0.2, 5, 30),
    /** Of the state in memory; found when replicas compare what they made of the log. */
    FLIPPED_BIT("flipped bit", 0.3, 5, 30),
    /** From here on: damage, of which a machine may die for good. At most a minority has it. */
    BIT_ROT("bit rot", 0.15, 8, 40),
    MISPLACED_WRITE("misplaced write", 0.15, 8, 40),
    WIPED_DISK("wiped disk", 0.1, 15, 60);

    private final String text;
    private final double chance;
    private final double leastMeanSeconds;
    private final double mostMeanSeconds;

    FaultKind(String text, double chance, double leastMeanSeconds, double mostMeanSeconds) {
        this.text = text;
        this.chance = chance;
        this.leastMeanSeconds = leastMeanSeconds;
        this.mostMeanSeconds = mostMeanSeconds;
    }

    /** The part of all seeds that have this fault. */
    double chance() {
        return chance;
    }

    /** A seed that has it has it once in a time from this on average … */
    double leastMeanSeconds() {
        return leastMeanSeconds;
    }

    /** … to this. */
    double mostMeanSeconds() {
        return mostMeanSeconds;
    }

    /** Whether it takes from a disk what had been synced, so that the machine may be lost. */
    boolean damages() {
        return compareTo(BIT_ROT) >= 0;
    }

    /** Whether it is drawn apart, so that it changes nothing else in the worlds of the seeds. */
    boolean changesHosts() {
        return this == SPARE_HOST || this == REBUILT_HOST;
    }

    @Override
    public String toString() {
        return text;
    }
}
