package dev.lockstep.raft.core;

import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.ReplicaId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many witnesses a group may have: fewer than full voters. Then the full ones alone are a
 * majority, and while they are all well every commit is on so many disks as without witnesses. For
 * the time until somebody that joins has caught up there may be as many as full voters, so that a
 * full one that was lost can be replaced; with more, witnesses alone would be a majority, and could
 * keep the group from ever electing anybody who holds the state.
 */
final class WitnessBound {
    private WitnessBound() {}

    /**
     * Why these can't vote; null when they can.
     *
     * @param joining who will vote, too
     */
    static @Nullable String refusal(List<ReplicaId> voters, List<ReplicaId> joining) {
        List<ReplicaId> all = new ArrayList<>(voters);
        all.addAll(joining);
        int witnesses = Membership.witnesses(all);
        if (witnesses > 0 && 2 * witnesses >= all.size()) {
            return tooMany(
                    all,
                    witnesses,
                    "there must be fewer witnesses than full voters, or the full ones alone are no"
                            + " majority and nothing is ever committed without a witness; remove"
                            + " witnesses by the same change, or add full voters first");
        }
        int now = Membership.witnesses(voters);
        if (2 * now > voters.size()) {
            return tooMany(
                    voters,
                    now,
                    "until the others have caught up the witnesses would be a majority by"
                            + " themselves; replace fewer full voters at a time");
        }
        return null;
    }

    private static String tooMany(List<ReplicaId> voters, int witnesses, String why) {
        return "of the voters "
                + voters
                + " "
                + witnesses
                + " would be witnesses and "
                + (voters.size() - witnesses)
                + " full: "
                + why;
    }
}
