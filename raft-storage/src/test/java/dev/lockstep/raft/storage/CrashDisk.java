package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.StorageException;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A directory in memory that knows what a power loss may leave of it: of each sector any version
 * written since the last sync of its file, of the directory any of the operations since its last
 * sync. As on Linux, a sync that fails forgets what it should have written: the next one succeeds
 * and writes none of it.
 */
final class CrashDisk implements Disk {
    static final int SECTOR_BYTES = 512;

    /** What survives of that which wasn't synced. */
    interface Survival {
        /** One of 0 (what was synced) to {@code versions} (the last write). */
        int choose(int versions);

        static Survival nothing() {
            return versions -> 0;
        }

        static Survival everything() {
            return versions -> versions;
        }

        static Survival random(RandomGenerator random) {
            return versions -> random.nextInt(versions + 1);
        }
    }

    private static final class Inode {
        private byte[] bytes = new byte[0];
        private byte[] synced = new byte[0];

        /** By sector, what was written to it since the last sync, oldest first. */
        private final TreeMap<Integer, List<byte[]>> unsynced = new TreeMap<>();

        void keep(int sector, List<byte[]> versions) {
            byte[] last = versions.get(versions.size() - 1);
            int at = sector * SECTOR_BYTES;
            if (synced.length < at + last.length) {
                synced = Arrays.copyOf(synced, bytes.length); // once for all that follow
            }
            System.arraycopy(last, 0, synced, at, last.length);
        }
    }

    private interface DirectoryChange {
        void applyTo(Map<String, Inode> files);
    }

    private final Map<String, Inode> files;
    private final Map<String, Inode> syncedFiles;
    private final List<DirectoryChange> unsyncedChanges = new ArrayList<>();
    private boolean locked;
    private boolean crashed;
    private long operations;
    private long crashAt = Long.MAX_VALUE;
    private long killAt = Long.MAX_VALUE;
    private long failAt = Long.MAX_VALUE;
    private long syncs;
    private @Nullable Meanwhile duringRead;

    private Room room = Room.ENOUGH;
    private long fullAt = Long.MAX_VALUE;

    /** What there is room for. */
    enum Room {
        ENOUGH,
        /** What was written before can be written again; nothing grows, and no file is made. */
        FOR_NO_MORE,
        /** Nothing can be changed, as where the disk is read-only or writes nothing in place. */
        NONE
    }

    synchronized CrashDisk room(Room now) {
        room = now;
        return this;
    }

    /** There is no more room from the change with this number on, counted from 1. */
    synchronized CrashDisk fullAt(long operation) {
        fullAt = operation;
        return this;
    }

    private Room room() {
        return room == Room.ENOUGH && operations + 1 >= fullAt ? Room.FOR_NO_MORE : room;
    }

    /** What somebody else does at that moment. */
    interface Meanwhile {
        void run() throws IOException;
    }

    CrashDisk() {
        this(new TreeMap<>());
    }

    private CrashDisk(Map<String, Inode> files) {
        this.files = files;
        this.syncedFiles = new TreeMap<>(files);
    }

    /** Changes (creations, writes, syncs, renames, deletions) so far. */
    synchronized long operations() {
        return operations;
    }

    /** Syncs of files, whether they failed or not. */
    synchronized long syncs() {
        return syncs;
    }

    /** The power goes in the middle of the change with this number, counted from 1. */
    synchronized CrashDisk crashAt(long operation) {
        crashAt = operation;
        return this;
    }

    /**
     * Whoever uses the disk is killed before the change with this number, counted from 1. The
     * system lives on, and nothing that was done is lost.
     */
    synchronized CrashDisk killAt(long operation) {
        killAt = operation;
        return this;
    }

    /** The same disk, for the next process, with what isn't synced yet. */
    synchronized CrashDisk afterKill() {
        crashed = false;
        killAt = Long.MAX_VALUE;
        locked = false;
        return this;
    }

    /** The change with this number fails, once. */
    synchronized CrashDisk failAt(long operation) {
        failAt = operation;
        return this;
    }

    /** Runs once, after the next read of a file has begun and before it sees a byte. */
    synchronized void duringNextRead(Meanwhile meanwhile) {
        duringRead = meanwhile;
    }

    /** What is found when the power is back. This disk stays as it is. */
    synchronized CrashDisk afterCrash(Survival survival) {
        TreeMap<String, Inode> names = new TreeMap<>(syncedFiles);
        for (DirectoryChange change : unsyncedChanges) {
            if (survival.choose(1) == 1) {
                change.applyTo(names);
            }
        }
        TreeMap<String, Inode> survivors = new TreeMap<>();
        names.forEach((name, inode) -> survivors.put(name, survivor(inode, survival)));
        return new CrashDisk(survivors);
    }

    private static Inode survivor(Inode inode, Survival survival) {
        Inode result = new Inode();
        result.bytes = inode.synced.clone();
        inode.unsynced.forEach(
                (sector, versions) -> {
                    int chosen = survival.choose(versions.size());
                    if (chosen > 0) {
                        byte[] version = versions.get(chosen - 1);
                        int at = sector * SECTOR_BYTES;
                        if (result.bytes.length < at + version.length) {
                            result.bytes = Arrays.copyOf(result.bytes, at + version.length);
                        }
                        System.arraycopy(version, 0, result.bytes, at, version.length);
                    }
                });
        result.synced = result.bytes.clone();
        return result;
    }

    /** A copy as of now, unlocked, as if all had been synced. */
    synchronized CrashDisk copy() {
        TreeMap<String, Inode> copies = new TreeMap<>();
        files.forEach(
                (name, inode) -> {
                    Inode copy = new Inode();
                    copy.bytes = inode.bytes.clone();
                    copy.synced = inode.bytes.clone();
                    copies.put(name, copy);
                });
        return new CrashDisk(copies);
    }

    synchronized byte[] bytes(String name) {
        return files.get(name).bytes.clone();
    }

    /** Puts a file there, durably, behind the back of whoever uses the disk. */
    synchronized CrashDisk put(String name, byte[] bytes) {
        Inode inode = new Inode();
        inode.bytes = bytes.clone();
        inode.synced = bytes.clone();
        files.put(name, inode);
        syncedFiles.put(name, inode);
        return this;
    }

    /** Flips the bits of one byte. */
    synchronized void flip(String name, int at) {
        files.get(name).bytes[at] ^= -1;
    }

    synchronized CrashDisk remove(String name) {
        files.remove(name);
        syncedFiles.remove(name);
        return this;
    }

    @Override
    public synchronized Closeable lock() throws StorageException {
        if (locked) {
            throw new StorageException(new Fault(Fault.Code.DIRECTORY_LOCKED, this + " is in use"));
        }
        locked = true;
        return () -> locked = false;
    }

    @Override
    public synchronized List<String> list() {
        return List.copyOf(files.keySet());
    }

    @Override
    public synchronized File create(String name) throws IOException {
        if (files.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        if (room() != Room.ENOUGH) {
            throw new DiskFullException("no room for " + name);
        }
        Inode inode = new Inode();
        change(names -> names.put(name, inode));
        return new OpenFile(name, inode);
    }

    @Override
    public synchronized File open(String name) throws IOException {
        return new OpenFile(name, find(name));
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        Inode inode = find(from);
        change(
                names -> {
                    names.remove(from, inode);
                    names.put(to, inode);
                });
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        Inode inode = find(name);
        change(names -> names.remove(name, inode));
    }

    @Override
    public synchronized void syncDirectory() throws IOException {
        step();
        syncedFiles.clear();
        syncedFiles.putAll(files);
        unsyncedChanges.clear();
    }

    @Override
    public String toString() {
        return "simulated disk";
    }

    private Inode find(String name) throws IOException {
        Inode inode = files.get(name);
        if (inode == null) {
            throw new FileNotFoundException(name);
        }
        return inode;
    }

    private void change(DirectoryChange change) throws IOException {
        if (room == Room.NONE) {
            throw new DiskFullException("no room in the directory");
        }
        boolean survives = operations + 1 == crashAt;
        if (survives) {
            unsyncedChanges.add(change);
        }
        step();
        unsyncedChanges.add(change);
        change.applyTo(files);
    }

    private void step() throws IOException {
        operations++;
        if (crashed || operations == killAt) {
            crashed = true;
            throw new IOException("the process is dead");
        }
        if (operations == crashAt) {
            crashed = true;
            throw new IOException("the power is gone");
        }
        if (operations == failAt) {
            throw new IOException("injected failure");
        }
    }

    private final class OpenFile implements File {
        private final String name;
        private final Inode inode;

        OpenFile(String name, Inode inode) {
            this.name = name;
            this.inode = inode;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public long size() {
            synchronized (CrashDisk.this) {
                return inode.bytes.length;
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            synchronized (CrashDisk.this) {
                Meanwhile meanwhile = duringRead;
                if (meanwhile != null) {
                    duringRead = null;
                    meanwhile.run();
                }
                int count =
                        (int)
                                Math.max(
                                        0,
                                        Math.min(
                                                target.remaining(), inode.bytes.length - position));
                if (count > 0) {
                    target.put(inode.bytes, (int) position, count);
                }
                return count;
            }
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            synchronized (CrashDisk.this) {
                IOException failure = null;
                Room left = room();
                try {
                    step();
                } catch (IOException e) {
                    failure = e; // any part of it may have reached the disk
                    if (operations >= killAt) {
                        throw e; // it is dead, and the system isn't
                    }
                }
                int at = (int) position;
                int length = source.remaining();
                boolean grows = at + length > inode.bytes.length;
                if (failure == null && (left == Room.NONE || left != Room.ENOUGH && grows)) {
                    failure = new DiskFullException("no room for " + length + " bytes in " + name);
                    int fits = grows ? Math.max(0, inode.bytes.length - at) : length / 2;
                    length = fits / SECTOR_BYTES * SECTOR_BYTES;
                }
                if (inode.bytes.length < at + length) {
                    inode.bytes = Arrays.copyOf(inode.bytes, at + length);
                }
                source.get(inode.bytes, at, length);
                for (int sector = at / SECTOR_BYTES;
                        sector * SECTOR_BYTES < at + length;
                        sector++) {
                    int from = sector * SECTOR_BYTES;
                    byte[] version =
                            Arrays.copyOfRange(
                                    inode.bytes,
                                    from,
                                    Math.min(from + SECTOR_BYTES, inode.bytes.length));
                    inode.unsynced.computeIfAbsent(sector, s -> new ArrayList<>()).add(version);
                }
                if (failure != null) {
                    throw failure;
                }
            }
        }

        @Override
        public void sync() throws IOException {
            synchronized (CrashDisk.this) {
                syncs++;
                TreeMap<Integer, List<byte[]>> dirty = new TreeMap<>(inode.unsynced);
                if (operations + 1 != crashAt && operations + 1 != killAt) {
                    // A sync that fails forgets too: the pages look clean, and are on no disk.
                    inode.unsynced.clear();
                }
                step();
                dirty.forEach((sector, versions) -> inode.keep(sector, versions));
            }
        }

        @Override
        public void close() {}
    }
}
