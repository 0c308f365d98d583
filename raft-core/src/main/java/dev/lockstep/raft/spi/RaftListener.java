package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.Configuration;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Role;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Hears what happens to the groups of a host. Called on the host's event loop: return at once,
 * block never.
 */
public interface RaftListener {
    /**
     * A replica of this host plays another part, or learned of another leader or term.
     *
     * @param leader the leader of that term, as far as known here
     */
    default void roleChanged(GroupId group, Role role, long term, @Nullable NodeId leader) {}

    /**
     * Another configuration is at the end of the log of a replica of this host, where it is in
     * force, or it is known to be committed now. One that wasn't committed may be taken back: then
     * the one before it is told again.
     */
    default void configurationChanged(GroupId group, Configuration configuration) {}

    /**
     * A replica of this host runs, but isn't the member that the group knows under its node's name;
     * null when that is over.
     */
    default void warned(GroupId group, @Nullable Fault fault) {}

    /** A replica of this host stopped for good. */
    default void halted(GroupId group, Fault fault) {}

    /** A snapshot of this replica's state is durable; it holds everything up to that position. */
    default void snapshotTaken(GroupId group, LogPosition at) {}

    /**
     * No snapshot could be taken there: the state machine or the disk failed. The replica goes on,
     * its log keeps growing, and it is tried again after as much log as lies between snapshots.
     * Alert on it.
     */
    default void snapshotFailed(GroupId group, LogPosition at, Throwable why) {}

    /** This replica was so far behind that it took over another one's snapshot. */
    default void snapshotInstalled(GroupId group, LogPosition at) {}

    /**
     * Replicas of a group that is led from this host have different hashes up to the same index.
     * Who differs from a majority is stopped by itself; where there is no majority, nobody is.
     *
     * @param evidence what each replica reported
     */
    default void statesDiffer(GroupId group, long index, String evidence) {}

    /**
     * A group that is led from this host commits with the help of its witnesses from now on, since
     * too few of its full replicas keep up, or needn't any more. Meanwhile what is committed is on
     * fewer disks than usual. Alert on it.
     *
     * @param now false too when this host doesn't lead any more
     */
    default void runsOnWitness(GroupId group, boolean now) {}

    /**
     * This replica sleeps from now on, since nobody uses the group, or wakes ({@code
     * RaftOptions.sleepAfter}).
     */
    default void sleeps(GroupId group, boolean now) {}

    /**
     * A host hasn't answered for about three election timeouts, or its connection broke and wasn't
     * there again at once, so the replicas of this host that sleep and were led from there are
     * woken. Where no replica sleeps, no host is watched.
     *
     * @param sleepers how many those are
     */
    default void hostSuspected(NodeId host, int sleepers) {}

    /**
     * The disk of this host has no room for its log, or is read-only; null when that is over. Its
     * replicas vote and answer meanwhile, but take no entries; leaders hand over to whoever has
     * room. They go on by themselves. Alert on it.
     */
    default void diskFull(@Nullable Fault fault) {}

    /**
     * A connection to or from {@code peer} (null: somebody unknown) was refused, by this host or by
     * that one. {@code LOG_REVERTED} says that an older copy was put in the place of the directory
     * of one of them: alert on it.
     */
    default void peerRefused(@Nullable NodeId peer, Fault fault) {}

    /**
     * A loop of this host hasn't turned for longer than the host's stall timeout; what blocks it
     * holds up everything behind it. Told once each time, and not again and again. Called, unlike
     * the others, on the loop that ends futures or by whoever asks for the host's health, since the
     * event loop may be the one that is blocked.
     *
     * @param loop its name, such as {@code core}, {@code log} or {@code apply-0}
     * @param stack what its thread does, one frame on each line
     */
    default void loopStalled(String loop, Duration since, String stack) {}
}
