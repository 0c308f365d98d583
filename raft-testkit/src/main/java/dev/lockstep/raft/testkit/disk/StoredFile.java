package dev.lockstep.raft.testkit.disk;

import dev.lockstep.raft.testkit.sim.SeededRandom;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A file without its name: what processes see of it, what is on the platter, and what may or may
 * not have got there yet.
 *
 * <p>Every write leaves the new content of each sector that it touches as a possible one. A crash
 * keeps, for each sector by itself, what is durable or one of the contents written since the last
 * sync; and as the size, the durable one or one that the file had since.
 */
final class StoredFile {
    private static final int SECTORS_OF_BLOCK = 8;

    private final Sectors seen = new Sectors();
    private final Sectors durable = new Sectors();

    /** Which sectors were written since the last sync, in that order, and with what. */
    private int[] unsyncedSectors = new int[16];

    private final List<byte[]> unsyncedContents = new ArrayList<>();
    private final List<Long> unsyncedSizes = new ArrayList<>();

    long size() {
        return seen.size();
    }

    long allocatedBytes() {
        return seen.allocatedBytes();
    }

    int read(ByteBuffer target, long position) {
        return seen.read(target, position);
    }

    void write(byte[] source, long position) {
        long before = seen.size();
        seen.write(source, position);
        if (seen.size() != before) {
            unsyncedSizes.add(seen.size());
        }
        if (source.length > 0) {
            int last = (int) ((position + source.length - 1) / Sectors.BYTES);
            for (int sector = (int) (position / Sectors.BYTES); sector <= last; sector++) {
                noteUnsynced(sector);
            }
        }
    }

    private void noteUnsynced(int sector) {
        int count = unsyncedContents.size();
        if (count == unsyncedSectors.length) {
            unsyncedSectors = Arrays.copyOf(unsyncedSectors, 2 * count);
        }
        unsyncedSectors[count] = sector;
        unsyncedContents.add(seen.get(sector));
    }

    /** By sector, what was written there, the newest last. */
    private Map<Integer, List<byte[]>> unsynced() {
        Map<Integer, List<byte[]>> contents = new TreeMap<>();
        for (int i = 0; i < unsyncedContents.size(); i++) {
            contents.computeIfAbsent(unsyncedSectors[i], s -> new ArrayList<>(1))
                    .add(unsyncedContents.get(i));
        }
        return contents;
    }

    void sync() {
        for (int i = 0; i < unsyncedContents.size(); i++) {
            int sector = unsyncedSectors[i];
            durable.put(sector, seen.get(sector));
        }
        durable.resize(seen.size());
        forgetUnsynced();
    }

    /**
     * A sync that failed, as Linux does it: some sectors were written; the others are taken for
     * clean, so that a later sync would not write them, and readers may still see them, or not.
     */
    void failSync(SeededRandom random) {
        boolean sizeKept = random.nextBoolean();
        long size = sizeKept ? seen.size() : durable.size();
        unsynced()
                .forEach(
                        (sector, contents) -> {
                            if (random.nextBoolean()) {
                                durable.put(sector, contents.get(contents.size() - 1));
                            } else if (random.nextBoolean()) {
                                seen.put(sector, durable.get(sector));
                            }
                        });
        resizeDurable(size);
        forgetUnsynced();
    }

    /** Power is lost: keeps any of what was not synced, and nothing else remains. */
    void losePower(SeededRandom random) {
        // Drawn per file, so that among the many outcomes all-kept and all-lost are frequent ones.
        double keep = random.pick(List.of(0.0, 1.0, 0.5, random.nextDouble()));
        long size = durable.size();
        if (!unsyncedSizes.isEmpty() && random.chance(keep)) {
            size = random.pick(unsyncedSizes);
        }
        unsynced()
                .forEach(
                        (sector, contents) -> {
                            if (random.chance(keep)) {
                                boolean newest = random.chance(keep);
                                durable.put(
                                        sector,
                                        newest
                                                ? contents.get(contents.size() - 1)
                                                : random.pick(contents));
                            }
                        });
        resizeDurable(size);
        seen.become(durable);
        forgetUnsynced();
    }

    /** Damages what is durable and what is seen, without a trace. */
    void flip(long position, int mask) {
        int sector = (int) (position / Sectors.BYTES);
        for (Sectors content : List.of(seen, durable)) {
            byte[] bytes = content.get(sector).clone();
            bytes[(int) (position % Sectors.BYTES)] ^= (byte) mask;
            content.put(sector, bytes);
        }
    }

    /** Damages one byte of a sector that isn't all zeros; false when chance found none. */
    boolean rot(SeededRandom dice) {
        int sector = writtenSector(dice);
        if (sector < 0) {
            return false;
        }
        long position = (long) sector * Sectors.BYTES;
        long within = Math.min(Sectors.BYTES, seen.size() - position);
        flip(position + dice.nextLong(within), 1 << dice.nextInt(Byte.SIZE));
        return true;
    }

    /** Copies what was written in one block over another; false when chance found no two. */
    boolean misplace(SeededRandom dice) {
        int from = writtenSector(dice) / SECTORS_OF_BLOCK * SECTORS_OF_BLOCK;
        int to = writtenSector(dice) / SECTORS_OF_BLOCK * SECTORS_OF_BLOCK;
        long end = Math.max(from, to) + (long) SECTORS_OF_BLOCK;
        if (from == to || end * Sectors.BYTES > seen.size()) {
            return false;
        }
        for (int i = 0; i < SECTORS_OF_BLOCK; i++) {
            durable.put(to + i, durable.get(from + i));
            seen.put(to + i, seen.get(from + i));
        }
        return true;
    }

    /** Any that isn't all zeros; -1 when chance found none. */
    private int writtenSector(SeededRandom dice) {
        long sectors = (seen.size() + Sectors.BYTES - 1) / Sectors.BYTES;
        if (sectors == 0) {
            return -1;
        }
        int sector = (int) dice.nextLong(sectors);
        for (byte each : durable.get(sector)) {
            if (each != 0) {
                return sector;
            }
        }
        return -1;
    }

    boolean isClean() {
        return unsyncedContents.isEmpty() && unsyncedSizes.isEmpty();
    }

    /** A sector that was kept beyond the end is lost with the size that it needed. */
    private void resizeDurable(long size) {
        durable.resize(seen.size());
        durable.resize(size);
    }

    private void forgetUnsynced() {
        unsyncedContents.clear();
        unsyncedSizes.clear();
    }
}
