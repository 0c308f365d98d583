package dev.lockstep.raft.runtime;

import dev.lockstep.raft.core.Effect;
import dev.lockstep.raft.core.PersistToken;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Holds back what promises durability until the disk has kept the promise (§3.8): a message that
 * waits for the persists before it leaves when the sync of the last of them returns.
 */
final class SyncGate {
    /**
     * A disk that hangs or is full may keep one write for hours, while the same is said to a leader
     * again and again. Any message may be lost, and the latest are worth most.
     */
    static final int MOST_SENDS = 256;

    /** Persists whose sync hasn't returned, oldest first. */
    private final ArrayDeque<Pass> unsynced = new ArrayDeque<>();

    /** One persist on its way to the disk, and the messages that wait for it. */
    static final class Pass {
        final PersistToken token;
        private final ArrayDeque<Effect.Send> sends = new ArrayDeque<>();

        private Pass(PersistToken token) {
            this.token = token;
        }
    }

    /** Something goes to the disk; what is held back from now on waits for it. */
    Pass persist(PersistToken token) {
        Pass pass = new Pass(token);
        unsynced.addLast(pass);
        return pass;
    }

    /**
     * Keeps a message until all that went to the disk before it is there; false when it is already.
     */
    boolean holdsBack(Effect.Send send) {
        if (unsynced.isEmpty()) {
            return false;
        }
        ArrayDeque<Effect.Send> sends = unsynced.getLast().sends;
        sends.addLast(send);
        if (sends.size() > MOST_SENDS) {
            sends.removeFirst();
        }
        return true;
    }

    /** What was on its way to the disk was refused: nothing that waits for it may leave. */
    void clear() {
        unsynced.clear();
    }

    /** The sync returned, in the order of the persists: these messages may leave. */
    List<Effect.Send> open(Pass done) {
        Pass oldest = unsynced.removeFirst();
        assert oldest == done : "syncs returned out of order";
        return List.copyOf(done.sends);
    }
}
