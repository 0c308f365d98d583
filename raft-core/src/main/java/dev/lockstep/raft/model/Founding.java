package dev.lockstep.raft.model;

import java.util.UUID;

/**
 * How a group began: the list that its initial voters exchanged, and the UUID drawn with it. Who
 * durably holds one refuses any other, so a group can't be founded twice.
 *
 * @param uuid drawn by the founder; two groups of one name differ in it
 * @param initial the membership before the first entry
 * @param complete whether every initial voter is known to hold this founding durably; before that
 *     no replica votes, acknowledges or campaigns
 */
public record Founding(UUID uuid, Membership initial, boolean complete) {
    public Founding completed() {
        return new Founding(uuid, initial, true);
    }

    /** Whether the other one speaks of the same beginning, complete or not. */
    public boolean sameAs(Founding other) {
        return uuid.equals(other.uuid) && initial.equals(other.initial);
    }
}
