package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import java.io.IOException;
import java.util.List;

/**
 * Something of a log, or the state before it, that was synced and isn't there any more.
 *
 * @param code {@code LOG_CORRUPT}, {@code LOG_GAP} where a file lacks it, {@code SNAPSHOT_CORRUPT}
 *     where it was the state that the log goes on from
 * @param what file, offset and what is wrong there; at most {@link #MOST_CHARS}
 * @param unreadable whether it is only that the disk refuses to read it
 */
record Loss(Fault.Code code, String what, boolean unreadable) {
    static final int MOST_CHARS = 400;

    Loss {
        what = what.length() <= MOST_CHARS ? what : what.substring(0, MOST_CHARS);
    }

    static Loss of(Disk disk, SalvagedBatch part) {
        Segment segment = part.segment();
        String where = segment.name() + " at offset " + part.offset() + " in " + disk + ": ";
        if (segment.isMissing()) {
            return new Loss(
                    Fault.Code.LOG_GAP, segment.name() + " in " + disk + ": it is missing", false);
        }
        String header = segment.name() + " at offset 0 in " + disk + ": the segment's header";
        if (segment.state() == Segment.State.UNREADABLE) {
            String what = header + " is what the disk doesn't read";
            return new Loss(Fault.Code.STORAGE_FAILED, what, true);
        }
        if (part.unreadable()) {
            return new Loss(Fault.Code.STORAGE_FAILED, where + "the disk doesn't read it", true);
        }
        if (!segment.isUsable() && !lacks(segment, 0)) {
            return new Loss(Fault.Code.LOG_CORRUPT, header + " is damaged", false);
        }
        boolean beyondEnd = lacks(segment, part.offset());
        return new Loss(
                beyondEnd ? Fault.Code.LOG_GAP : Fault.Code.LOG_CORRUPT,
                where
                        + (beyondEnd
                                ? "the file ends before what was synced there"
                                : "what was synced there is damaged"),
                false);
    }

    /** Whether the file ends before the block there does. */
    private static boolean lacks(Segment segment, long offset) {
        try {
            return segment.file().size() < offset + Blocks.BYTES;
        } catch (IOException e) {
            return false;
        }
    }

    /** What it means for a group of which it took entries whose positions are known. */
    Fault faultOfEntries(GroupId group, List<LogPosition> lost) {
        return new Fault(
                code,
                what
                        + ". "
                        + lost.size()
                        + " entries of group '"
                        + group
                        + "' are lost with it, the first is "
                        + lost.get(0)
                        + ". Copies of them are asked for at the other members; until they are here this replica"
                        + " votes, but doesn't lead, acknowledge or apply from there on. If that lasts, look whether"
                        + " the others run; where none of them holds these entries either, only a leader of a later"
                        + " term replaces them, and only if they were never committed.");
    }

    /** What it means for one group. */
    Fault faultOf(GroupId group) {
        String lost =
                code == Fault.Code.SNAPSHOT_CORRUPT
                        ? ". The state of group '" + group + "' was in it"
                        : ". Votes or entries that this host has acknowledged in group '"
                                + group
                                + "' may be lost with it";
        return new Fault(
                code,
                what
                        + lost
                        + ", so its replica isn't the member any more that it was: it has"
                        + " begun anew, under another incarnation, with no vote, and counts for nothing. Groups"
                        + " that the damage didn't touch go on. Nothing was erased: what held the old replica is"
                        + " kept, as files named damaged-* once the log needs them no more. While a majority of"
                        + " the group's other members is healthy, replace this node by a change of the membership;"
                        + " it becomes a voter again once it has caught up. Else keep this directory, and what was"
                        + " set aside: it may hold the only copy.");
    }
}
