package dev.lockstep.raft.testkit.disk;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.storage.Disk;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.SimulatedCrash;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.io.IOException;
import java.util.List;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The disk of one simulated machine. It outlives the processes: each of them works on it between
 * {@link #mount} and the end that {@link #kill} or {@link #losePower} puts to its life, after which
 * whatever it calls is a {@link SimulatedCrash}.
 */
public final class SimulatedDisk {
    private static final int DAMAGE_TRIES = 20;

    private final VirtualTime time;
    private final String name;
    private final SeededRandom random;
    private final DiskFaults faults;
    private final Directory directory = new Directory();
    private long capacityBytes = Long.MAX_VALUE;
    private boolean copiesOnWrite;
    private boolean readOnly;
    private boolean namesKeptInOrder = true;
    private int life;
    private boolean locked;

    public SimulatedDisk(VirtualTime time, String name) {
        this.time = time;
        this.name = name;
        this.random = time.random().fork("disk " + name);
        this.faults = new DiskFaults(time, random, name);
    }

    /** What goes wrong with it. */
    public DiskFaults faults() {
        return faults;
    }

    /** Refuses to grow beyond that. */
    public void setCapacity(long bytes) {
        capacityBytes = bytes;
    }

    /**
     * Whether a full disk refuses to write again what was written before, too, as those do that
     * write nothing in place.
     */
    public void copyOnWrite(boolean now) {
        copiesOnWrite = now;
    }

    /** Refuses to change anything, while what was written before can be synced. */
    public void setReadOnly(boolean now) {
        readOnly = now;
    }

    /**
     * Whether a crash keeps names in the order in which they were changed (the default), or any of
     * the changes.
     */
    public void keepNamesInOrder(boolean inOrder) {
        namesKeptInOrder = inOrder;
    }

    /**
     * Begins the life of another process, with nothing locked: the disk, as this process may use
     * it.
     */
    public Disk mount() {
        life++;
        locked = false;
        faults.revive();
        return new MountedDisk(this, directory, life);
    }

    /** Ends the process that uses the disk as SIGKILL does: what it wrote stays, synced or not. */
    public void kill() {
        faults.die("killed");
    }

    /** Ends the process and the machine: of what wasn't synced, only some is there afterwards. */
    public void losePower() {
        kill();
        if (!isClean()) {
            time.sometimes().hit("power lost with unsynced writes");
        }
        for (StoredFile file : directory.allFiles()) {
            file.losePower(random);
        }
        directory.losePower(random, namesKeptInOrder);
    }

    /** Replaces the disk by an empty one. */
    public void wipe() {
        kill();
        for (String file : directory.names()) {
            try {
                directory.delete(file);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
        directory.sync();
    }

    /** Flips bits of one byte, as rot does; nothing notices. */
    public void rot(String file, long position, int mask) throws IOException {
        directory.existing(file).flip(position, mask);
    }

    /**
     * Puts a copy of one written block over another one of the same file, as a disk does whose head
     * misses the track.
     *
     * @return which file; null when there is none
     */
    public @Nullable String misplaceAnywhere(SeededRandom dice) {
        return damageAnywhere(dice, StoredFile::misplace);
    }

    /**
     * Flips bits of one byte of something that was written there, in one of the files.
     *
     * @return which file; null when there is none
     */
    public @Nullable String rotAnywhere(SeededRandom dice) {
        return damageAnywhere(dice, StoredFile::rot);
    }

    private @Nullable String damageAnywhere(
            SeededRandom dice, BiPredicate<StoredFile, SeededRandom> how) {
        List<String> names = directory.names();
        for (int tries = 0; tries < DAMAGE_TRIES && !names.isEmpty(); tries++) {
            String file = dice.pick(names);
            try {
                if (how.test(directory.existing(file), dice)) {
                    time.recent().note(() -> this + ": damage in " + file);
                    return file;
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
        return null;
    }

    /** Whether a power loss now would lose nothing. */
    public boolean isClean() {
        for (StoredFile file : directory.files()) {
            if (!file.isClean()) {
                return false;
            }
        }
        return directory.isClean();
    }

    /** The bytes that all files take. */
    public long usedBytes() {
        long used = 0;
        for (StoredFile file : directory.files()) {
            used += file.allocatedBytes();
        }
        return used;
    }

    @Override
    public String toString() {
        return "sim:" + name;
    }

    /** As {@link DiskFaults#before}, for a process of that life. */
    boolean before(DiskOperation operation, String file, int inLife) {
        if (inLife != life) {
            throw new SimulatedCrash("disk " + name + ", an earlier life");
        }
        return faults.before(operation, file);
    }

    /** Whether it was free; a lock ends with the life that took it. */
    boolean takeLock() {
        boolean free = !locked;
        locked = true;
        return free;
    }

    void releaseLock(int inLife) {
        if (inLife == life) {
            locked = false;
        }
    }

    SeededRandom random() {
        return random;
    }

    void checkWritable(String file) throws DiskFullException {
        if (readOnly) {
            faults.readOnly();
            throw new DiskFullException("Read-only file system: " + file);
        }
    }

    boolean copiesOnWrite() {
        return copiesOnWrite;
    }

    long freeBytes() {
        return capacityBytes - usedBytes();
    }
}
