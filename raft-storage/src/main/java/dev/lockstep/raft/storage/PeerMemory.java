package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.PeerBoots;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the file {@code peers} says, and its only writer. A start that the file knows is answered at
 * once, whatever the disk does; a new one by a thread that writes, once for all that came
 * meanwhile.
 */
final class PeerMemory implements PeerBoots {
    private static final Logger LOG = LoggerFactory.getLogger(PeerMemory.class);

    /** On a disk that hangs peers come again and again, and each leaves a question behind. */
    private static final int MOST_WAITING = 256;

    private final Disk disk;
    private final Executor executor;

    /** What newcomers are judged by. */
    private PeerTable seen;

    private PeerTable durable;
    private List<Question> waiting = new ArrayList<>();
    private boolean writing;
    private @Nullable Fault ended;

    private record Question(HostIdentity peer, Consumer<@Nullable Fault> verdict) {
        void answer(@Nullable Fault fault) {
            try {
                verdict.accept(fault);
            } catch (RuntimeException e) {
                LOG.error("Nobody took the verdict on {}", peer, e);
            }
        }
    }

    /**
     * @param found what the file says
     * @param executor where it is written; the caller's thread in simulation
     */
    PeerMemory(Disk disk, PeerTable found, Executor executor) {
        this.disk = disk;
        this.executor = executor;
        this.seen = found;
        this.durable = found;
    }

    @Override
    public void meet(HostIdentity peer, Consumer<@Nullable Fault> verdict) {
        Question question = new Question(peer, verdict);
        boolean begins = false;
        boolean waits = false;
        Fault fault;
        synchronized (this) {
            fault = seen.conflictOf(peer);
            if (fault == null && !durable.holds(peer)) {
                fault = ended != null ? ended : waiting.size() < MOST_WAITING ? null : hangs();
                waits = fault == null;
            }
            if (waits) {
                seen = seen.with(peer);
                waiting.add(question);
                begins = !writing;
                writing = true;
            }
        }
        if (!waits) {
            question.answer(fault);
        } else if (begins) {
            begin();
        }
    }

    private void begin() {
        try {
            executor.execute(this::write);
        } catch (RuntimeException | Error e) {
            end(failed(e)).forEach(question -> question.answer(failed(e)));
        }
    }

    private void write() {
        List<Question> asked;
        while (true) {
            PeerTable next;
            synchronized (this) {
                if (waiting.isEmpty() || ended != null) {
                    asked = end(null);
                    break;
                }
                next = seen;
                asked = waiting;
                waiting = new ArrayList<>();
            }
            try {
                PeersFile.write(disk, next);
            } catch (DiskFullException e) {
                LOG.warn("{} in {} could not be written: {}", PeersFile.NAME, disk, e.getMessage());
                asked.forEach(question -> question.answer(noRoom(e)));
                continue; // nothing was synced in vain: each that comes is a new try
            } catch (IOException | RuntimeException e) {
                // Never tried again: after a failed sync nobody knows what the disk holds.
                LOG.error("{} in {} could not be written", PeersFile.NAME, disk, e);
                asked.addAll(end(failed(e)));
                asked.forEach(question -> question.answer(failed(e)));
                return;
            }
            synchronized (this) {
                durable = next;
            }
            // Two starts of one directory may have waited together.
            asked.forEach(question -> question.answer(next.conflictOf(question.peer())));
        }
        asked.forEach(question -> question.answer(closed()));
    }

    /** Returns those that nobody will answer any more. */
    private synchronized List<Question> end(@Nullable Fault why) {
        if (why != null) {
            ended = why;
        }
        writing = false;
        notifyAll();
        List<Question> left = waiting;
        waiting = new ArrayList<>();
        return left;
    }

    /** Waits until nothing is written any more, so that the directory can be given up. */
    synchronized void close() throws IOException {
        ended = closed();
        try {
            while (writing) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + PeersFile.NAME + " was written", e);
        }
    }

    private Fault noRoom(DiskFullException why) {
        return refusal(
                Fault.Code.DISK_FULL,
                "could not be written for want of room: "
                        + why.getMessage()
                        + ". Make room on that disk; it is tried again when a peer connects");
    }

    private Fault failed(Throwable cause) {
        return refusal("could not be written: " + cause + ". Check the disk, then restart");
    }

    private Fault hangs() {
        return refusal("has been written for long, and isn't yet. Check the disk");
    }

    private Fault closed() {
        return refusal("is closed, since its host stops");
    }

    private Fault refusal(String why) {
        return refusal(Fault.Code.STORAGE_FAILED, why);
    }

    private Fault refusal(Fault.Code code, String why) {
        return new Fault(
                code,
                PeersFile.NAME
                        + " in "
                        + disk
                        + " "
                        + why
                        + ". Nothing is lost; but nobody who has started since is heard there, because it"
                        + " would not be noticed when its directory is replaced by an older copy.");
    }
}
