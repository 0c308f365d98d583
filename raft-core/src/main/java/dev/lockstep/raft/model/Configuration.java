package dev.lockstep.raft.model;

/**
 * The configuration at the end of a replica's log, which is in force there (§4.1).
 *
 * @param index of its entry in the log, 0 for that of the founding; what {@link
 *     MembershipChange#expected} is compared with
 * @param membership who belongs to the group
 * @param committed whether this replica knows it to be committed; until then it may be taken back
 */
public record Configuration(long index, Membership membership, boolean committed) {}
