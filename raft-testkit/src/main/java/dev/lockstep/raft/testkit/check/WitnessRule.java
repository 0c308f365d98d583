package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How much the witnesses of a group may be told. A witness's log blocks who holds less, and nobody
 * can get from it what it holds.
 */
final class WitnessRule {
    private final Disks disks;
    private final AppliedCommands commands;
    private final Consumer<String> sometimes;

    /** The terms in which leaders have said that they commit with the help of witnesses. */
    private final TreeSet<Long> onWitness = new TreeSet<>();

    WitnessRule(Disks disks, AppliedCommands commands, Consumer<String> sometimes) {
        this.disks = disks;
        this.commands = commands;
        this.sometimes = sometimes;
    }

    /** Commits of that term need witnesses, says its leader. */
    void runsOnWitness(long term) {
        onWitness.add(term);
    }

    /**
     * What a witness is told must be on the disks of a quorum of full replicas, or of so many,
     * where the leader says so, that the witnesses complete one.
     */
    @Nullable String told(ReplicaRecord witness, Entry entry) {
        LogPosition at = entry.position();
        List<Membership> voters = disks.memberships().countedAt(entry.index(), witness);
        if (entry.index() <= commands.last()
                || disks.isQuorum(voters, disk -> !disk.isWitness() && disk.holdsDurably(at))) {
            return null;
        }
        sometimes.accept("a witness is told what no majority of full replicas holds");
        // The witness may have gone on to a later term before it wrote what it was told.
        Long said = onWitness.floor(witness.hardState().term());
        boolean says = said != null && said >= entry.term();
        return says && disks.isQuorum(voters, disk -> disk.isWitness() || disk.holdsDurably(at))
                ? null
                : "is told "
                        + at
                        + " with the payload on "
                        + disks.count(disk -> !disk.isWitness() && disk.holdsDurably(at))
                        + " disks, in a term that "
                        + (says ? "runs" : "doesn't run")
                        + " on the witness";
    }

    /** Whether one of the full replicas durably holds as much as each of the witnesses. */
    boolean isCovered(Collection<NodeId> witnesses, Collection<NodeId> full) {
        LogPosition most = LogPosition.ZERO;
        for (NodeId node : full) {
            ReplicaRecord disk = disks.on(node);
            if (disk != null && disk.lastDurable().compareTo(most) > 0) {
                most = disk.lastDurable();
            }
        }
        for (NodeId node : witnesses) {
            ReplicaRecord disk = disks.on(node);
            if (disk == null || disk.lastWritten().compareTo(most) > 0) {
                return false;
            }
        }
        return true;
    }
}
