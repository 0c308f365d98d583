package dev.lockstep.raft.model;

import java.time.Duration;

/**
 * Every limit and time of a group, with its unit. {@link #defaults} suits hosts of one region;
 * {@link #with} changes single values. All replicas of a group should have the same.
 *
 * @param electionTimeout the minimum time without a leader before a follower campaigns; the real
 *     time is drawn between once and twice this (§3.4)
 * @param heartbeatInterval how often an idle leader is heard; at most a third of {@code
 *     electionTimeout}
 * @param proposalTimeout after it a proposal or read that has no result ends: as not done if it
 *     never left this host, else as outcome unknown
 * @param maxPayloadBytes the largest command
 * @param maxAppendBytes entries' bytes in one message to a follower; a larger single entry goes
 *     alone
 * @param maxInflightMessages unanswered appends to one follower
 * @param maxInflightBytes unanswered entries' bytes to one follower
 * @param maxUncommittedBytes a leader's uncommitted entries; beyond it proposals are refused as
 *     overloaded, but one is always accepted
 * @param maxUnappliedBytes committed entries that the leader's own state machine hasn't applied;
 *     beyond it proposals are refused as overloaded, but one is always accepted
 * @param maxApplyingBytes entries handed to the state machine and not applied yet
 * @param cacheBytes newest entries of a group kept in memory for sending and applying
 * @param maxPendingBytes proposals and queries that wait on this host, in the mailbox or for a
 *     leader; beyond it they are refused as overloaded
 * @param snapshotBytes entries applied since the last snapshot after which the next one is taken;
 *     {@link Integer#MAX_VALUE} for hardly ever
 * @param snapshotEntries as many entries do the same, whatever their bytes; 0, the default, for any
 *     number
 * @param keptLogBytes about how much of the log is kept behind the newest snapshot, for followers
 *     that are a little behind
 * @param snapshotChunkBytes a snapshot is sent in parts of so many bytes, one at a time
 * @param snapshotsFromFollowers whether a leader lets who needs a snapshot fetch it from another
 *     follower where one can serve
 * @param sessionTimeout how long, by the timestamps of the log, a client session may go unused
 *     before it expires; open sessions keep themselves alive. Well above {@code proposalTimeout}
 * @param maxSessions of a group; beyond it no session is opened
 * @param maxSessionAnswers commands of one session whose answers are kept since the client has an
 *     older one unanswered; beyond it new ones are refused
 * @param compareStateEvery after how many entries the replicas compare hashes of what they made of
 *     the log; 0 for never
 * @param leaseReads whether followers promise a leader to elect nobody for an election timeout, so
 *     that it may answer {@code ReadLevel.LEASE} by its clock. Off by default: rests on {@code
 *     clockDriftPpm}, and isn't for hosts that can be suspended with their monotonic clock stopped
 * @param clockDriftPpm how much too fast or slow a host's monotonic clock may run, in parts per
 *     million; matters with {@code leaseReads} only
 * @param sleepAfter how long a group must be quiet before its replicas fall asleep: then it costs
 *     no timer and no message until it is used, or the host of its leader is missed. At least twice
 *     {@code electionTimeout}; zero, for never, by default: it is for hosts of very many groups
 * @param electionPriority how much rather than others this replica is to lead, from 0 to 100, the
 *     one option that may differ between replicas. One of less than 100 campaigns up to an election
 *     timeout later, and hands leadership over to a healthy one of higher priority
 */
public record RaftOptions(
        Duration electionTimeout,
        Duration heartbeatInterval,
        Duration proposalTimeout,
        int maxPayloadBytes,
        int maxAppendBytes,
        int maxInflightMessages,
        int maxInflightBytes,
        int maxUncommittedBytes,
        int maxUnappliedBytes,
        int maxApplyingBytes,
        int cacheBytes,
        int maxPendingBytes,
        int snapshotBytes,
        int snapshotEntries,
        int keptLogBytes,
        int snapshotChunkBytes,
        boolean snapshotsFromFollowers,
        Duration sessionTimeout,
        int maxSessions,
        int maxSessionAnswers,
        int compareStateEvery,
        boolean leaseReads,
        int clockDriftPpm,
        Duration sleepAfter,
        int electionPriority) {
    /** Nanoseconds count in a long, and twice of a time must fit. */
    private static final Duration MOST = Duration.ofDays(36_500);

    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;
    private static final RaftOptions DEFAULTS =
            new RaftOptions(
                    Duration.ofMillis(1000),
                    Duration.ofMillis(100),
                    Duration.ofSeconds(10),
                    MIB,
                    256 * KIB,
                    32,
                    8 * MIB,
                    32 * MIB,
                    128 * MIB,
                    16 * MIB,
                    16 * MIB,
                    64 * MIB,
                    64 * MIB,
                    0,
                    16 * MIB,
                    MIB,
                    false,
                    Duration.ofMinutes(10),
                    10_000,
                    1_000,
                    50_000,
                    false,
                    500,
                    Duration.ZERO,
                    100);

    public RaftOptions {
        atLeast("electionTimeout", electionTimeout, Duration.ofMillis(10));
        atLeast("heartbeatInterval", heartbeatInterval, Duration.ofMillis(1));
        atLeast("proposalTimeout", proposalTimeout, Duration.ofMillis(1));
        if (heartbeatInterval.multipliedBy(3).compareTo(electionTimeout) > 0) {
            throw new IllegalArgumentException(
                    "heartbeatInterval must be at most a third of electionTimeout ("
                            + electionTimeout
                            + "), or one lost heartbeat can start an election: "
                            + heartbeatInterval);
        }
        atLeast("maxPayloadBytes", maxPayloadBytes, 1);
        atMost("maxPayloadBytes", maxPayloadBytes, 64 * MIB);
        atLeast("maxAppendBytes", maxAppendBytes, 1);
        atMost("maxAppendBytes", maxAppendBytes, 64 * MIB);
        atLeast("maxInflightMessages", maxInflightMessages, 1);
        atLeast("maxInflightBytes", maxInflightBytes, 1);
        atLeast("maxUncommittedBytes", maxUncommittedBytes, 1);
        atLeast("maxUnappliedBytes", maxUnappliedBytes, 1);
        atLeast("maxApplyingBytes", maxApplyingBytes, 1);
        atLeast("cacheBytes", cacheBytes, 0);
        atLeast("maxPendingBytes", maxPendingBytes, 1);
        atLeast("snapshotBytes", snapshotBytes, 1);
        atLeast("snapshotEntries", snapshotEntries, 0);
        atLeast("keptLogBytes", keptLogBytes, 0);
        atLeast("snapshotChunkBytes", snapshotChunkBytes, 1);
        atMost("snapshotChunkBytes", snapshotChunkBytes, 64 * MIB);
        atLeast("sessionTimeout", sessionTimeout, Duration.ofMillis(1));
        atMost("electionTimeout", electionTimeout, MOST);
        atMost("proposalTimeout", proposalTimeout, MOST);
        atMost("sessionTimeout", sessionTimeout, MOST);
        atLeast("maxSessions", maxSessions, 0);
        atLeast("maxSessionAnswers", maxSessionAnswers, 1);
        atLeast("compareStateEvery", compareStateEvery, 0);
        atLeast("clockDriftPpm", clockDriftPpm, 0);
        atMost("clockDriftPpm", clockDriftPpm, 100_000);
        atMost("sleepAfter", sleepAfter, MOST);
        if (sleepAfter.isNegative()
                || (!sleepAfter.isZero()
                        && sleepAfter.compareTo(electionTimeout.multipliedBy(2)) < 0)) {
            throw new IllegalArgumentException(
                    "sleepAfter must be zero, for never, or at least twice electionTimeout ("
                            + electionTimeout
                            + "), so that whoever should lead instead does so first: "
                            + sleepAfter);
        }
        atLeast("electionPriority", electionPriority, 0);
        atMost("electionPriority", electionPriority, 100);
    }

    public static RaftOptions defaults() {
        return DEFAULTS;
    }

    /** A builder that begins with these options. */
    public Builder with() {
        return new Builder(this);
    }

    private static void atLeast(String option, Duration value, Duration least) {
        if (value.compareTo(least) < 0) {
            throw new IllegalArgumentException(
                    option + " must be at least " + least + ": " + value);
        }
    }

    private static void atMost(String option, Duration value, Duration most) {
        if (value.compareTo(most) > 0) {
            throw new IllegalArgumentException(option + " must be at most " + most + ": " + value);
        }
    }

    private static void atLeast(String option, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(
                    option + " must be at least " + least + ": " + value);
        }
    }

    private static void atMost(String option, int value, int most) {
        if (value > most) {
            throw new IllegalArgumentException(option + " must be at most " + most + ": " + value);
        }
    }

    /**
     * Collects values; {@link #build} checks them. Setters are named as the options that they set.
     */
    public static final class Builder {
        private Duration electionTimeout;
        private Duration heartbeatInterval;
        private Duration proposalTimeout;
        private int maxPayloadBytes;
        private int maxAppendBytes;
        private int maxInflightMessages;
        private int maxInflightBytes;
        private int maxUncommittedBytes;
        private int maxUnappliedBytes;
        private int maxApplyingBytes;
        private int cacheBytes;
        private int maxPendingBytes;
        private int snapshotBytes;
        private int snapshotEntries;
        private int keptLogBytes;
        private int snapshotChunkBytes;
        private boolean snapshotsFromFollowers;
        private Duration sessionTimeout;
        private int maxSessions;
        private int maxSessionAnswers;
        private int compareStateEvery;
        private boolean leaseReads;
        private int clockDriftPpm;
        private Duration sleepAfter;
        private int electionPriority;

        private Builder(RaftOptions from) {
            electionTimeout = from.electionTimeout;
            heartbeatInterval = from.heartbeatInterval;
            proposalTimeout = from.proposalTimeout;
            maxPayloadBytes = from.maxPayloadBytes;
            maxAppendBytes = from.maxAppendBytes;
            maxInflightMessages = from.maxInflightMessages;
            maxInflightBytes = from.maxInflightBytes;
            maxUncommittedBytes = from.maxUncommittedBytes;
            maxUnappliedBytes = from.maxUnappliedBytes;
            maxApplyingBytes = from.maxApplyingBytes;
            cacheBytes = from.cacheBytes;
            maxPendingBytes = from.maxPendingBytes;
            snapshotBytes = from.snapshotBytes;
            snapshotEntries = from.snapshotEntries;
            keptLogBytes = from.keptLogBytes;
            snapshotChunkBytes = from.snapshotChunkBytes;
            snapshotsFromFollowers = from.snapshotsFromFollowers;
            sessionTimeout = from.sessionTimeout;
            maxSessions = from.maxSessions;
            maxSessionAnswers = from.maxSessionAnswers;
            compareStateEvery = from.compareStateEvery;
            leaseReads = from.leaseReads;
            clockDriftPpm = from.clockDriftPpm;
            sleepAfter = from.sleepAfter;
            electionPriority = from.electionPriority;
        }

        /** Sets the heartbeat interval too, to a tenth of it. */
        public Builder electionTimeout(Duration value) {
            electionTimeout = value;
            heartbeatInterval = value.dividedBy(10);
            return this;
        }

        public Builder heartbeatInterval(Duration value) {
            heartbeatInterval = value;
            return this;
        }

        public Builder proposalTimeout(Duration value) {
            proposalTimeout = value;
            return this;
        }

        public Builder maxPayloadBytes(int value) {
            maxPayloadBytes = value;
            return this;
        }

        public Builder maxAppendBytes(int value) {
            maxAppendBytes = value;
            return this;
        }

        public Builder maxInflightMessages(int value) {
            maxInflightMessages = value;
            return this;
        }

        public Builder maxInflightBytes(int value) {
            maxInflightBytes = value;
            return this;
        }

        public Builder maxUncommittedBytes(int value) {
            maxUncommittedBytes = value;
            return this;
        }

        public Builder maxUnappliedBytes(int value) {
            maxUnappliedBytes = value;
            return this;
        }

        public Builder maxApplyingBytes(int value) {
            maxApplyingBytes = value;
            return this;
        }

        public Builder cacheBytes(int value) {
            cacheBytes = value;
            return this;
        }

        public Builder maxPendingBytes(int value) {
            maxPendingBytes = value;
            return this;
        }

        public Builder snapshotBytes(int value) {
            snapshotBytes = value;
            return this;
        }

        public Builder snapshotEntries(int value) {
            snapshotEntries = value;
            return this;
        }

        public Builder keptLogBytes(int value) {
            keptLogBytes = value;
            return this;
        }

        public Builder snapshotChunkBytes(int value) {
            snapshotChunkBytes = value;
            return this;
        }

        public Builder snapshotsFromFollowers(boolean value) {
            snapshotsFromFollowers = value;
            return this;
        }

        public Builder sessionTimeout(Duration value) {
            sessionTimeout = value;
            return this;
        }

        public Builder maxSessions(int value) {
            maxSessions = value;
            return this;
        }

        public Builder maxSessionAnswers(int value) {
            maxSessionAnswers = value;
            return this;
        }

        public Builder compareStateEvery(int value) {
            compareStateEvery = value;
            return this;
        }

        public Builder leaseReads(boolean value) {
            leaseReads = value;
            return this;
        }

        public Builder clockDriftPpm(int value) {
            clockDriftPpm = value;
            return this;
        }

        public Builder sleepAfter(Duration value) {
            sleepAfter = value;
            return this;
        }

        public Builder electionPriority(int value) {
            electionPriority = value;
            return this;
        }

        /**
         * @throws IllegalArgumentException when a value is out of its bounds; the message names it
         *     and says why
         */
        public RaftOptions build() {
            return new RaftOptions(
                    electionTimeout,
                    heartbeatInterval,
                    proposalTimeout,
                    maxPayloadBytes,
                    maxAppendBytes,
                    maxInflightMessages,
                    maxInflightBytes,
                    maxUncommittedBytes,
                    maxUnappliedBytes,
                    maxApplyingBytes,
                    cacheBytes,
                    maxPendingBytes,
                    snapshotBytes,
                    snapshotEntries,
                    keptLogBytes,
                    snapshotChunkBytes,
                    snapshotsFromFollowers,
                    sessionTimeout,
                    maxSessions,
                    maxSessionAnswers,
                    compareStateEvery,
                    leaseReads,
                    clockDriftPpm,
                    sleepAfter,
                    electionPriority);
        }
    }
}
