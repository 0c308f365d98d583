package dev.lockstep.examples.kv.store;

import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * The keyspace as seen by a read that stands outside of the log, and which therefore has no time of
 * its own.
 *
 * <p>What it sees is right by the log's time, but in a quiet cluster that stands still: an ended
 * key would be seen for ever. So the reader names its own clock, and if by that clock the time
 * might change the answer (a key seen has ended, or the answer is a remaining lifetime), {@link
 * #needsLog} becomes true: the reader must ask again through the log, where the leader's timestamp
 * decides, for everybody. The reader's clock decides nothing but that. A wrong one costs a log
 * entry, or lets a key be seen until the log's time moves on; it never shows two readers two
 * different truths.
 */
final class Glance implements View {
    private final Keyspace space;
    private final long readerMillis;
    private boolean needsLog;

    Glance(Keyspace space, long readerMillis) {
        this.space = space;
        this.readerMillis = readerMillis;
    }

    boolean needsLog() {
        return needsLog;
    }

    @Override
    public @Nullable Stored find(Key key) {
        Stored found = space.find(key);
        needsLog |= found != null && found.deadlineMillis() <= readerMillis;
        return found;
    }

    @Override
    public int size() {
        needsLog |= space.earliestDeadlineMillis() <= readerMillis;
        return space.size();
    }

    @Override
    public NavigableMap<Key, Stored> from(long place) {
        needsLog |= space.earliestDeadlineMillis() <= readerMillis;
        return space.from(place);
    }

    @Override
    public long nowMillis() {
        needsLog = true;
        return space.nowMillis();
    }
}
