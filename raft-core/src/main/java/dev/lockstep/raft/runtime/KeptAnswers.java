package dev.lockstep.raft.runtime;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Note;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a state machine answered to the commands of sessions that a snapshot doesn't hold yet, in
 * notes that the machine keeps with their effects: for each batch one, under the index of its last
 * entry, with index, size and bytes of each answer. When the sessions are rebuilt from the log
 * these take the place of running the commands again.
 */
final class KeptAnswers {
    /** The notes that the machine keeps. */
    private final TreeSet<Long> keys = new TreeSet<>();

    /** What an earlier process had answered, by index, as far as it wasn't asked for yet. */
    private final TreeMap<Long, Payload> known = new TreeMap<>();

    /** Of the batch at hand. */
    private final List<Answer> fresh = new ArrayList<>();

    private int freshBytes;

    private record Answer(long index, Payload answer) {}

    /**
     * Takes a note that was found.
     *
     * @throws IllegalArgumentException when it is none of these
     */
    void found(long key, Payload note) {
        ByteBuffer in = note.asByteBuffer();
        try {
            while (in.hasRemaining()) {
                long index = in.getLong();
                int size = in.getInt();
                if (size < 0 || size > in.remaining()) {
                    throw new BufferUnderflowException();
                }
                byte[] answer = new byte[size];
                in.get(answer);
                known.put(index, Payload.wrap(answer));
            }
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("the answers under " + key + " end too early", e);
        }
        keys.add(key);
    }

    /** What was answered in an earlier process; null when nothing is known. */
    @Nullable Payload take(long index) {
        return known.remove(index);
    }

    void add(long index, Payload answer) {
        fresh.add(new Answer(index, answer));
        freshBytes += Long.BYTES + Integer.BYTES + answer.size();
    }

    /** Ends a batch: adds a note with its answers, if it has any. */
    void commit(long lastIndex, List<Note> notes) {
        if (fresh.isEmpty()) {
            return;
        }
        ByteBuffer out = ByteBuffer.allocate(freshBytes);
        for (Answer each : fresh) {
            out.putLong(each.index()).putInt(each.answer().size());
            each.answer().writeTo(out);
        }
        fresh.clear();
        freshBytes = 0;
        keys.add(lastIndex);
        notes.add(new Note(lastIndex, Payload.wrap(out.array())));
    }

    /** Removes what a durable snapshot up to an index holds. */
    void forgetUpTo(long index, List<Note> notes) {
        while (!keys.isEmpty() && keys.first() <= index) {
            notes.add(new Note(keys.pollFirst(), null));
        }
        known.headMap(index, true).clear();
    }

    void forgetAll(List<Note> notes) {
        forgetUpTo(Long.MAX_VALUE, notes);
    }
}
