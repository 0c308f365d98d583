package dev.lockstep.raft.testkit.disk;

import dev.lockstep.raft.testkit.sim.SeededRandom;
import java.nio.ByteBuffer;
import java.util.ArrayList;
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
    private final Sectors seen = new Sectors();
    private final Sectors durable = new Sectors();
    private final Map<Integer, List<byte[]>> unsynced = new TreeMap<>();
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
                unsynced.computeIfAbsent(sector, s -> new ArrayList<>(1)).add(seen.get(sector));
            }
        }
    }

    void sync() {
        unsynced.keySet().forEach(sector -> durable.put(sector, seen.get(sector)));
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
        unsynced.forEach(
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
        unsynced.forEach(
                (sector, contents) -> {
                    if (random.chance(keep)) {
                        boolean newest = random.chance(keep);
                        durable.put(
                                sector,
                                newest ? contents.get(contents.size() - 1) : random.pick(contents));
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

    boolean isClean() {
        return unsynced.isEmpty() && unsyncedSizes.isEmpty();
    }

    /** A sector that was kept beyond the end is lost with the size that it needed. */
    private void resizeDurable(long size) {
        durable.resize(seen.size());
        durable.resize(size);
    }

    private void forgetUnsynced() {
        unsynced.clear();
        unsyncedSizes.clear();
    }
}
