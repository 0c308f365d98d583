package dev.lockstep.examples.kv.store;

import dev.lockstep.raft.model.Payload;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An operation that changes nothing, so it may also be answered outside of the log. */
public sealed interface Read extends Operation {
    Reply answer(View view);

    @Override
    default Reply runOn(Keyspace space) {
        return answer(space);
    }

    private static Reply valueOf(@Nullable Stored found) {
        return found == null ? Reply.nil() : new Reply.Bulk(found.value());
    }

    private static void writeKeys(WireWriter out, List<Key> keys) {
        out.putInt(keys.size());
        keys.forEach(key -> out.putBytes(key.bytes()));
    }

    /** GET. */
    record Find(Key key) implements Read {
        @Override
        public OperationCode code() {
            return OperationCode.FIND;
        }

        @Override
        public void writeFields(WireWriter out) {
            out.putBytes(key.bytes());
        }

        @Override
        public Reply answer(View view) {
            return valueOf(view.find(key));
        }
    }

    /** MGET. */
    record FindAll(List<Key> keys) implements Read {
        @Override
        public OperationCode code() {
            return OperationCode.FIND_ALL;
        }

        @Override
        public void writeFields(WireWriter out) {
            writeKeys(out, keys);
        }

        @Override
        public Reply answer(View view) {
            List<Reply> values = new ArrayList<>(keys.size());
            keys.forEach(key -> values.add(valueOf(view.find(key))));
            return new Reply.Many(values);
        }
    }

    /** EXISTS: a key that is named twice counts twice. */
    record CountPresent(List<Key> keys) implements Read {
        @Override
        public OperationCode code() {
            return OperationCode.COUNT_PRESENT;
        }

        @Override
        public void writeFields(WireWriter out) {
            writeKeys(out, keys);
        }

        @Override
        public Reply answer(View view) {
            long present = 0;
            for (Key key : keys) {
                present += view.find(key) != null ? 1 : 0;
            }
            return Reply.of(present);
        }
    }

    /** STRLEN. */
    record Length(Key key) implements Read {
        @Override
        public OperationCode code() {
            return OperationCode.LENGTH;
        }

        @Override
        public void writeFields(WireWriter out) {
            out.putBytes(key.bytes());
        }

        @Override
        public Reply answer(View view) {
            Stored found = view.find(key);
            return Reply.of(found == null ? 0 : found.value().size());
        }
    }

    /** TYPE. */
    record TypeOf(Key key) implements Read {
        @Override
        public OperationCode code() {
            return OperationCode.TYPE_OF;
        }

        @Override
        public void writeFields(WireWriter out) {
            out.putBytes(key.bytes());
        }

        @Override
        public Reply answer(View view) {
            return new Reply.Status(view.find(key) == null ? "none" : "string");
        }
    }

    /** PTTL, and TTL with a unit of 1000, rounded to the nearest. */
    record TimeToLive(Key key, long unitMillis) implements Read {
        private static final long NO_KEY = -2;
        private static final long NO_DEADLINE = -1;

        @Override
        public OperationCode code() {
            return OperationCode.TIME_TO_LIVE;
        }

        @Override
        public void writeFields(WireWriter out) {
            out.putBytes(key.bytes()).putLong(unitMillis);
        }

        @Override
        public Reply answer(View view) {
            Stored found = view.find(key);
            if (found == null || !found.isVolatile()) {
                return Reply.of(found == null ? NO_KEY : NO_DEADLINE);
            }
            return Reply.of(
                    (found.deadlineMillis() - view.nowMillis() + unitMillis / 2) / unitMillis);
        }
    }

    /** KEYS. */
    record KeysMatching(Payload pattern) implements Read {
        @Override
        public OperationCode code() {
            return OperationCode.KEYS_MATCHING;
        }

        @Override
        public void writeFields(WireWriter out) {
            out.putBytes(pattern);
        }

        @Override
        public Reply answer(View view) {
            Glob glob = new Glob(pattern);
            List<Reply> keys = new ArrayList<>();
            for (Key key : view.from(0).keySet()) {
                if (glob.matches(key.bytes())) {
                    keys.add(new Reply.Bulk(key.bytes()));
                }
            }
            return new Reply.Many(keys);
        }
    }

    /**
     * SCAN.
     *
     * @param cursor the {@link Key#place} to go on from; 0 to begin
     * @param count how many keys to look at, at least 1; those of one place are never parted
     * @param pattern which of them to return
     */
    record Scan(long cursor, long count, Payload pattern) implements Read {
        @Override
        public OperationCode code() {
            return OperationCode.SCAN;
        }

        @Override
        public void writeFields(WireWriter out) {
            out.putLong(cursor).putLong(count).putBytes(pattern);
        }

        @Override
        public Reply answer(View view) {
            Glob glob = new Glob(pattern);
            List<Reply> keys = new ArrayList<>();
            long seen = 0;
            long place = -1;
            long next = 0;
            for (Key key : view.from(cursor).keySet()) {
                if (seen >= count && key.place() != place) {
                    next = key.place();
                    break;
                }
                seen++;
                place = key.place();
                if (glob.matches(key.bytes())) {
                    keys.add(new Reply.Bulk(key.bytes()));
                }
            }
            return new Reply.Many(List.of(Reply.bulk(Long.toString(next)), new Reply.Many(keys)));
        }
    }

    /** DBSIZE. */
    record CountAll() implements Read {
        @Override
        public OperationCode code() {
            return OperationCode.COUNT_ALL;
        }

        @Override
        public void writeFields(WireWriter out) {}

        @Override
        public Reply answer(View view) {
            return Reply.of(view.size());
        }
    }
}
