package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;

/** Why a group couldn't be opened. */
final class OpeningFaults {
    private OpeningFaults() {}

    static Fault stateNotOpened(GroupId group, Throwable why) {
        return new Fault(
                Fault.Code.STATE_MACHINE_FAILED,
                "the state machine of group "
                        + group
                        + " could not open its own store: "
                        + why
                        + ". The replica doesn't start, and its log is as it was. Mend the store and open"
                        + " the group again.");
    }

    static Fault otherKind(ReplicaId found, GroupId group) {
        String kind = found.isWitness() ? "a witness" : "a full replica";
        return new Fault(
                Fault.Code.WRONG_DIRECTORY,
                "the replica of group "
                        + group
                        + " in this directory, "
                        + found
                        + ", is "
                        + kind
                        + ", which it stays, and was opened as the other kind. Nothing was changed."
                        + " Open it as "
                        + kind
                        + ". To have the other kind on this node, remove this member from the"
                        + " group, start from an empty directory, and add it.");
    }

    static Fault of(Throwable why) {
        return why instanceof DiskFullException
                ? new Fault(
                        Fault.Code.DISK_FULL,
                        "the group can't be opened for want of room: "
                                + why.getMessage()
                                + ". Nothing is lost. Make room on that disk, then close the group and open it"
                                + " again")
                : LogWriter.faultOf(why);
    }

    static Fault notTakenUp(GroupId group, RecoveredReplica recovered, Throwable why) {
        // Nothing but a configuration is decoded here, and this version wrote none that it can't
        // read.
        Fault.Code code =
                why instanceof IllegalArgumentException
                        ? Fault.Code.INCOMPATIBLE_VERSION
                        : Fault.Code.BUG;
        return new Fault(
                code,
                recovered.id()
                        + " could not take up what its disk holds of group "
                        + group
                        + ": "
                        + why
                        + ". Nothing was changed. If a later version has run here, start that"
                        + " one.");
    }
}
