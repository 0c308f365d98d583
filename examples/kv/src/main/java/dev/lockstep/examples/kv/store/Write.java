package dev.lockstep.examples.kv.store;

import dev.lockstep.raft.model.Payload;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** An operation that may change something, so it goes through the log. */
public sealed interface Write extends Operation {
    /** A key and what it shall hold. */
    record Pair(Key key, Payload value) {
        static Pair read(WireReader in) {
            return new Pair(in.readKey(), in.readBytes());
        }
    }

    /**
     * SET, SETNX and GETSET.
     *
     * @param lifetimeMillis how long the key shall live; {@link #FOREVER}, or {@link #AS_BEFORE} to
     *     leave its deadline
     */
    record Set(Key key, Payload value, Condition when, long lifetimeMillis, SetAnswer answer)
            implements Write {
        public static final long FOREVER = 0;
        public static final long AS_BEFORE = -1;

        static Set read(WireReader in) {
            return new Set(
                    in.readKey(),
                    in.readBytes(),
                    Condition.ofCode(in.readByte()),
                    in.readLong(),
                    SetAnswer.ofCode(in.readByte()));
        }

        @Override
        public OperationCode code() {
            return OperationCode.SET;
        }

        @Override
        public void writeFields(WireWriter out) {
            out.putBytes(key.bytes()).putBytes(value).putByte(when.code());
            out.putLong(lifetimeMillis).putByte(answer.code());
        }

        @Override
        public Reply runOn(Keyspace space) {
            Stored old = space.find(key);
            boolean sets = when.holds(old != null);
            if (sets) {
                space.put(key, new Stored(value, deadline(space, old)));
            }
            return switch (answer) {
                case OK -> sets ? Reply.ok() : Reply.nil();
                case OLD_VALUE -> old == null ? Reply.nil() : new Reply.Bulk(old.value());
                case COUNT -> Reply.of(sets);
            };
        }

        private long deadline(Keyspace space, @Nullable Stored old) {
            if (lifetimeMillis == AS_BEFORE) {
                return old == null ? Stored.NEVER : old.deadlineMillis();
            }
            return lifetimeMillis == FOREVER
                    ? Stored.NEVER
                    : Stored.deadlineAfter(space.nowMillis(), lifetimeMillis);
        }
    }

    /** MSET. */
    record SetAll(List<Pair> pairs) implements Write {
        @Override
        public OperationCode code() {
            return OperationCode.SET_ALL;
        }

        @Override
        public void writeFields(WireWriter out) {
            out.putInt(pairs.size());
            pairs.forEach(pair -> out.putBytes(pair.key().bytes()).putBytes(pair.value()));
        }

        @Override
        public Reply runOn(Keyspace space) {
            pairs.forEach(pair -> space.put(pair.key(), new Stored(pair.value(), Stored.NEVER)));
            return Reply.ok();
        }
    }

    /** DEL. */
    record Delete(List<Key> keys) implements Write {
        @Override
        public OperationCode code() {
            return OperationCode.DELETE;
        }

        @Override
        public void writeFields(WireWriter out) {
            out.putInt(keys.size());
            keys.forEach(key -> out.putBytes(key.bytes()));
        }

        @Override
        public Reply runOn(Keyspace space) {
            long removed = 0;
            for (Key key : keys) {
                removed += space.remove(key) ? 1 : 0;
            }
            return Reply.of(removed);
        }
    }

    /** INCR, DECR, INCRBY. */
    record Add(Key key, long delta) implements Write {
        @Override
        public OperationCode code() {
            return OperationCode.ADD;
        }

        @Override
        public void writeFields(WireWriter out) {
            out.putBytes(key.bytes()).putLong(delta);
        }

        @Override
        public Reply runOn(Keyspace space) {
            Stored old = space.find(key);
            OptionalLong before = old == null ? OptionalLong.of(0) : Integers.parse(old.value());
            if (before.isEmpty()) {
                return Reply.failure(Integers.NOT_AN_INTEGER);
            }
            long after = before.getAsLong() + delta;
            if (((before.getAsLong() ^ after) & (delta ^ after)) < 0) {
                return Reply.failure("ERR increment or decrement would overflow");
            }
            Payload value = Payload.of(Long.toString(after));
            space.put(key, old == null ? new Stored(value, Stored.NEVER) : old.withValue(value));
            return Reply.of(after);
        }
    }

    /** APPEND. */
    record Append(Key key, Payload tail) implements Write {
        @Override
        public OperationCode code() {
            return OperationCode.APPEND;
        }

        @Override
        public void writeFields(WireWriter out) {
            out.putBytes(key.bytes()).putBytes(tail);
        }

        @Override
        public Reply runOn(Keyspace space) {
            Stored old = space.find(key);
            Payload head = old == null ? Payload.EMPTY : old.value();
            if (head.size() > KvStore.MAX_VALUE_BYTES - tail.size()) {
                return Reply.failure(KvStore.TOO_LONG);
            }
            ByteBuffer both = ByteBuffer.allocate(head.size() + tail.size());
            head.writeTo(both);
            tail.writeTo(both);
            Payload value = Payload.wrap(both.array());
            space.put(key, old == null ? new Stored(value, Stored.NEVER) : old.withValue(value));
            return Reply.of(value.size());
        }
    }

    /** EXPIRE and PEXPIRE; a lifetime of 0 or less ends the key at once. */
    record Expire(Key key, long lifetimeMillis) implements Write {
        @Override
        public OperationCode code() {
            return OperationCode.EXPIRE;
        }

        @Override
        public void writeFields(WireWriter out) {
            out.putBytes(key.bytes()).putLong(lifetimeMillis);
        }

        @Override
        public Reply runOn(Keyspace space) {
            Stored old = space.find(key);
            if (old != null) {
                space.put(
                        key,
                        old.withDeadline(Stored.deadlineAfter(space.nowMillis(), lifetimeMillis)));
            }
            return Reply.of(old != null);
        }
    }

    /** PERSIST. */
    record Persist(Key key) implements Write {
        @Override
        public OperationCode code() {
            return OperationCode.PERSIST;
        }

        @Override
        public void writeFields(WireWriter out) {
            out.putBytes(key.bytes());
        }

        @Override
        public Reply runOn(Keyspace space) {
            Stored old = space.find(key);
            if (old == null || !old.isVolatile()) {
                return Reply.of(false);
            }
            space.put(key, old.withDeadline(Stored.NEVER));
            return Reply.of(true);
        }
    }

    /** CAS: sets a key that holds just {@code old}, and leaves its deadline. */
    record CompareAndSet(Key key, Payload old, Payload value) implements Write {
        @Override
        public OperationCode code() {
            return OperationCode.COMPARE_AND_SET;
        }

        @Override
        public void writeFields(WireWriter out) {
            out.putBytes(key.bytes()).putBytes(old).putBytes(value);
        }

        @Override
        public Reply runOn(Keyspace space) {
            Stored found = space.find(key);
            if (found == null || !found.value().equals(old)) {
                return Reply.of(false);
            }
            space.put(key, found.withValue(value));
            return Reply.of(true);
        }
    }
}
