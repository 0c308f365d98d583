package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.Note;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.Sometimes;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The store of one machine's application, as a database is that commits in order and syncs in the
 * background: the commits that a crash leaves are some of the first, and at least those before the
 * last sync. It stays when processes come and go.
 */
final class SimulatedStore {
    private final SeededRandom random;
    private final Sometimes sometimes;

    /** Whether a restore clears it first, and not in one transaction with what it loads. */
    private final boolean clearsFirst;

    private final List<Commit> commits = new ArrayList<>();

    /** So many of them are durable. */
    private int synced;

    /**
     * One transaction.
     *
     * @param restored the state that took the place of all before; null when none did
     */
    record Commit(@Nullable Payload restored, List<Command> commands, List<Note> notes) {}

    SimulatedStore(SeededRandom random, Sometimes sometimes) {
        this.random = random;
        this.sometimes = sometimes;
        this.clearsFirst = random.nextBoolean();
    }

    /** What was committed and not synced is lost, from some commit on. */
    void crash() {
        int kept = synced + random.nextInt(commits.size() - synced + 1);
        if (kept < commits.size()) {
            sometimes.hit("own state: newest commits lost in a crash");
        }
        commits.subList(kept, commits.size()).clear();
        synced = kept;
    }

    void commit(Commit commit) {
        if (commit.restored() != null) {
            sometimes.hit("own state: restored from another replica's snapshot");
        }
        commits.add(commit);
    }

    void sync() {
        synced = commits.size();
    }

    /** Durably. */
    void clear() {
        commits.clear();
        synced = 0;
    }

    void beginRestore() {
        if (clearsFirst) {
            clear();
        }
    }

    /** The notes as they are after all commits. */
    List<Note> notes() {
        TreeMap<Long, Note> kept = new TreeMap<>();
        for (Commit commit : commits) {
            for (Note note : commit.notes()) {
                if (note.value() == null) {
                    kept.remove(note.key());
                } else {
                    kept.put(note.key(), note);
                }
            }
        }
        if (!kept.isEmpty()) {
            sometimes.hit("own state: found by a restart");
        }
        if (kept.size() > 2) {
            sometimes.hit("own state: answers of sessions found by a restart");
        }
        return List.copyOf(kept.values());
    }

    /**
     * Does again what is in the commits.
     *
     * @param fresh in its first state
     */
    void loadInto(StateMachine fresh) throws IOException {
        for (Commit commit : commits) {
            Payload restored = commit.restored();
            if (restored != null) {
                fresh.restore(
                        new DataInputStream(new ByteArrayInputStream(restored.toByteArray())));
            }
            for (Command command : commit.commands()) {
                Payload unusedAnswer = fresh.apply(command);
            }
        }
    }
}
