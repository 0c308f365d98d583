package dev.lockstep.raft.model;

import org.jspecify.annotations.Nullable;

/**
 * Something that went wrong in a host, kept for whoever looks later.
 *
 * @param atMillis when it was told last, in milliseconds since 1970
 * @param times how often the same was told
 * @param group the first that it befell; null when it befell the host
 * @param code a stable name: that of a {@link Fault.Code}, or {@code SNAPSHOT_FAILED}, {@code
 *     STATES_DIFFER}, {@code LOOP_STALLED}
 * @param message what happened and what to do
 */
public record RecentError(
        long atMillis, int times, @Nullable GroupId group, String code, String message) {}
