package dev.lockstep.raft.transport.netty;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Every limit and time of a {@link NettyTransport}, with its unit. {@link #defaults} suits hosts of
 * one region; {@link #with} changes single values. All hosts of a cluster should have the same
 * {@code maxFrameBytes}.
 *
 * @param bindAddress where to listen, when it isn't the host's own address in the peer list (behind
 *     a NAT or in a container); null to listen there
 * @param connectTimeout after it a dial that got no answer is given up
 * @param handshakeTimeout after it a connection that didn't prove who it is gets closed
 * @param maxFrameBytes the largest frame, both ways; a peer that announces a larger one is
 *     disconnected before anything is allocated
 * @param maxQueuedControlBytes small and urgent frames (votes, heartbeats, acknowledgements) that
 *     wait for one peer's socket; beyond it they are refused, as they then say nothing new, but one
 *     frame of each lane is always accepted
 * @param maxQueuedLogBytes the same for frames with commands and their answers
 * @param maxQueuedSnapshotBytes the same for parts of snapshots
 * @param minBackoff the wait before the first redial; each further one takes twice as long, less a
 *     random part of up to a half
 * @param maxBackoff the longest wait before a redial
 * @param keepaliveInterval how often a peer is asked whether it still reads
 * @param keepaliveTimeout after it a connection whose peer doesn't answer, or doesn't read, is
 *     closed and redialled
 */
public record NettyOptions(
        @Nullable InetSocketAddress bindAddress,
        Duration connectTimeout,
        Duration handshakeTimeout,
        int maxFrameBytes,
        long maxQueuedControlBytes,
        long maxQueuedLogBytes,
        long maxQueuedSnapshotBytes,
        Duration minBackoff,
        Duration maxBackoff,
        Duration keepaliveInterval,
        Duration keepaliveTimeout) {
    private static final int MIB = 1024 * 1024;
    private static final NettyOptions DEFAULTS =
            new NettyOptions(
                    null,
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(5),
                    72 * MIB, // a payload of 64 MiB, the most that a group takes, and room
                    // around it
                    16L * MIB, // some hundred thousand heartbeats
                    32L * MIB,
                    8L * MIB,
                    Duration.ofMillis(50),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(6));

    public NettyOptions {
        positive("connectTimeout", connectTimeout);
        positive("handshakeTimeout", handshakeTimeout);
        positive("minBackoff", minBackoff);
        positive("keepaliveInterval", keepaliveInterval);
        positive("keepaliveTimeout", keepaliveTimeout);
        if (maxBackoff.compareTo(minBackoff) < 0) {
            throw new IllegalArgumentException(
                    "maxBackoff must be at least minBackoff (" + minBackoff + "): " + maxBackoff);
        }
        if (maxFrameBytes < 64 * 1024 || maxFrameBytes > 1024 * MIB) {
            throw new IllegalArgumentException(
                    "maxFrameBytes must be 64 KiB to 1 GiB: " + maxFrameBytes);
        }
        positive("maxQueuedControlBytes", maxQueuedControlBytes);
        positive("maxQueuedLogBytes", maxQueuedLogBytes);
        positive("maxQueuedSnapshotBytes", maxQueuedSnapshotBytes);
    }

    /** What {@link NettyTransport#plaintext()} runs with. */
    public static NettyOptions defaults() {
        return DEFAULTS;
    }

    /** A builder that begins with these options. */
    public Builder with() {
        return new Builder(this);
    }

    private static void positive(String option, Duration value) {
        // A day is beyond every sensible time here, and keeps all sums of nanoseconds far from
        // overflow.
        if (value.toMillis() < 1 || value.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(option + " must be 1 ms to 1 day: " + value);
        }
    }

    private static void positive(String option, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(option + " must be at least 1: " + value);
        }
    }

    /**
     * Collects values; {@link #build} checks them. Setters are named as the options that they set.
     */
    public static final class Builder {
        private @Nullable InetSocketAddress bindAddress;
        private Duration connectTimeout;
        private Duration handshakeTimeout;
        private int maxFrameBytes;
        private long maxQueuedControlBytes;
        private long maxQueuedLogBytes;
        private long maxQueuedSnapshotBytes;
        private Duration minBackoff;
        private Duration maxBackoff;
        private Duration keepaliveInterval;
        private Duration keepaliveTimeout;

        private Builder(NettyOptions from) {
            bindAddress = from.bindAddress;
            connectTimeout = from.connectTimeout;
            handshakeTimeout = from.handshakeTimeout;
            maxFrameBytes = from.maxFrameBytes;
            maxQueuedControlBytes = from.maxQueuedControlBytes;
            maxQueuedLogBytes = from.maxQueuedLogBytes;
            maxQueuedSnapshotBytes = from.maxQueuedSnapshotBytes;
            minBackoff = from.minBackoff;
            maxBackoff = from.maxBackoff;
            keepaliveInterval = from.keepaliveInterval;
            keepaliveTimeout = from.keepaliveTimeout;
        }

        /** Port 0 lets the system choose one. */
        public Builder bindAddress(InetSocketAddress value) {
            bindAddress = value;
            return this;
        }

        public Builder connectTimeout(Duration value) {
            connectTimeout = value;
            return this;
        }

        public Builder handshakeTimeout(Duration value) {
            handshakeTimeout = value;
            return this;
        }

        public Builder maxFrameBytes(int value) {
            maxFrameBytes = value;
            return this;
        }

        public Builder maxQueuedControlBytes(long value) {
            maxQueuedControlBytes = value;
            return this;
        }

        public Builder maxQueuedLogBytes(long value) {
            maxQueuedLogBytes = value;
            return this;
        }

        public Builder maxQueuedSnapshotBytes(long value) {
            maxQueuedSnapshotBytes = value;
            return this;
        }

        /** The first and the longest wait before a redial. */
        public Builder backoff(Duration min, Duration max) {
            minBackoff = min;
            maxBackoff = max;
            return this;
        }

        public Builder keepaliveInterval(Duration value) {
            keepaliveInterval = value;
            return this;
        }

        public Builder keepaliveTimeout(Duration value) {
            keepaliveTimeout = value;
            return this;
        }

        /**
         * @throws IllegalArgumentException when a value is out of its bounds; the message names it
         */
        public NettyOptions build() {
            return new NettyOptions(
                    bindAddress,
                    connectTimeout,
                    handshakeTimeout,
                    maxFrameBytes,
                    maxQueuedControlBytes,
                    maxQueuedLogBytes,
                    maxQueuedSnapshotBytes,
                    minBackoff,
                    maxBackoff,
                    keepaliveInterval,
                    keepaliveTimeout);
        }
    }
}
