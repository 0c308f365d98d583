package dev.lockstep.raft.testkit.disk;

import dev.lockstep.raft.testkit.sim.SeededRandom;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The names of the files: as processes see them, as they are on the platter, and the steps between.
 * A crash keeps the first so many of those steps, as a journaling file system does, or, when the
 * disk is told to be nastier than those, any of them.
 */
final class Directory {
    private final TreeMap<String, StoredFile> seen = new TreeMap<>();
    private final TreeMap<String, StoredFile> durable = new TreeMap<>();
    private final List<Step> unsynced = new ArrayList<>();

    List<String> names() {
        return List.copyOf(seen.keySet());
    }

    Collection<StoredFile> files() {
        return seen.values();
    }

    /** Those that a crash may bring back, too. */
    Set<StoredFile> allFiles() {
        Set<StoredFile> all = new LinkedHashSet<>(seen.values());
        all.addAll(durable.values());
        for (Step step : unsynced) {
            if (step.file != null) {
                all.add(step.file);
            }
        }
        return all;
    }

    StoredFile existing(String name) throws IOException {
        StoredFile file = seen.get(name);
        if (file == null) {
            throw new NoSuchFileException(name);
        }
        return file;
    }

    StoredFile create(String name) throws IOException {
        if (seen.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        StoredFile file = new StoredFile();
        take(new Step(name, file, null));
        return file;
    }

    void rename(String from, String to) throws IOException {
        take(new Step(to, existing(from), from));
    }

    void delete(String name) throws IOException {
        existing(name);
        take(new Step(name, null, null));
    }

    void sync() {
        durable.clear();
        durable.putAll(seen);
        unsynced.clear();
    }

    void losePower(SeededRandom random, boolean inOrder) {
        int kept = random.nextInt(unsynced.size() + 1);
        for (int i = 0; i < unsynced.size(); i++) {
            if (inOrder ? i < kept : random.nextBoolean()) {
                unsynced.get(i).takeIn(durable);
            }
        }
        unsynced.clear();
        seen.clear();
        seen.putAll(durable);
    }

    boolean isClean() {
        return unsynced.isEmpty();
    }

    private void take(Step step) {
        step.takeIn(seen);
        unsynced.add(step);
    }

    /**
     * The name gets the file, or none when it is null, and the old name, if there is one, loses it.
     */
    private record Step(String name, @Nullable StoredFile file, @Nullable String oldName) {
        void takeIn(TreeMap<String, StoredFile> names) {
            if (oldName != null && names.get(oldName) == file) {
                names.remove(oldName);
            }
            if (file == null) {
                names.remove(name);
            } else {
                names.put(name, file);
            }
        }
    }
}
