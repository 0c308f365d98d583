package dev.lockstep.examples.kv.store;

import dev.lockstep.raft.model.Payload;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All keys, and the log's time, which is the highest timestamp of a command so far.
 *
 * <p>A key is there until the first command whose timestamp has reached its deadline, and that
 * command removes it before it does anything else. So whether a key is there depends on the log
 * alone: the replicas agree, a read at some index means the same on each of them, and a key that
 * one reader missed never comes back for another.
 */
final class Keyspace implements View {
    private final TreeMap<Key, Stored> entries = new TreeMap<>();
    private final TreeSet<Deadline> deadlines = new TreeSet<>();
    private long nowMillis;

    private record Deadline(long millis, Key key) implements Comparable<Deadline> {
        @Override
        public int compareTo(Deadline other) {
            int byTime = Long.compare(millis, other.millis);
            return byTime != 0 ? byTime : key.compareTo(other.key);
        }
    }

    /** The keys as they are now; values are shared, since they never change. */
    Keyspace copy() {
        Keyspace copy = new Keyspace();
        copy.entries.putAll(entries); // linear, from a sorted map
        copy.nowMillis = nowMillis;
        return copy;
    }

    /** u64 time, u32 keys, and for each key and value, u32 length and bytes, and u64 deadline. */
    void writeTo(DataOutputStream out) throws IOException {
        out.writeLong(nowMillis);
        out.writeInt(entries.size());
        for (Map.Entry<Key, Stored> entry : entries.entrySet()) {
            write(entry.getKey().bytes(), out);
            write(entry.getValue().value(), out);
            out.writeLong(entry.getValue().deadlineMillis());
        }
    }

    /** Becomes what {@link #writeTo} wrote. */
    void readFrom(DataInputStream in) throws IOException {
        entries.clear();
        deadlines.clear();
        nowMillis = in.readLong();
        for (int left = in.readInt(); left > 0; left--) {
            put(Key.of(read(in)), new Stored(read(in), in.readLong()));
        }
    }

    private static void write(Payload bytes, DataOutputStream out) throws IOException {
        out.writeInt(bytes.size());
        out.write(bytes.toByteArray());
    }

    private static Payload read(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return Payload.wrap(bytes);
    }

    /** Moves the log's time on, and removes what has ended by then. */
    void advanceTo(long millis) {
        nowMillis = Math.max(nowMillis, millis);
        while (earliestDeadlineMillis() <= nowMillis) {
            Deadline first = deadlines.first();
            deadlines.remove(first);
            entries.remove(first.key());
        }
    }

    /** Stores the value; one whose deadline has come already is removed instead. */
    void put(Key key, Stored stored) {
        if (stored.deadlineMillis() <= nowMillis) {
            remove(key);
            return;
        }
        forgetDeadline(key, entries.put(key, stored));
        if (stored.isVolatile()) {
            deadlines.add(new Deadline(stored.deadlineMillis(), key));
        }
    }

    boolean remove(Key key) {
        Stored old = entries.remove(key);
        forgetDeadline(key, old);
        return old != null;
    }

    private void forgetDeadline(Key key, @Nullable Stored old) {
        if (old != null && old.isVolatile()) {
            deadlines.remove(new Deadline(old.deadlineMillis(), key));
        }
    }

    @Override
    public @Nullable Stored find(Key key) {
        return entries.get(key);
    }

    @Override
    public int size() {
        return entries.size();
    }

    @Override
    public NavigableMap<Key, Stored> from(long place) {
        return Collections.unmodifiableNavigableMap(entries.tailMap(Key.firstAt(place), true));
    }

    @Override
    public long nowMillis() {
        return nowMillis;
    }

    int volatileKeys() {
        return deadlines.size();
    }

    /** {@link Stored#NEVER} when no key has one. */
    long earliestDeadlineMillis() {
        return deadlines.isEmpty() ? Stored.NEVER : deadlines.first().millis();
    }
}
