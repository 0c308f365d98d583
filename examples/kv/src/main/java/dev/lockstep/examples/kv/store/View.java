package dev.lockstep.examples.kv.store;

import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** The keyspace as a read sees it. */
interface View {
    /** What the key holds; null when there is no such key. */
    @Nullable Stored find(Key key);

    /** How many keys there are. */
    int size();

    /** All keys from that {@link Key#place} on; not to be changed. */
    NavigableMap<Key, Stored> from(long place);

    /** The log's time. */
    long nowMillis();
}
