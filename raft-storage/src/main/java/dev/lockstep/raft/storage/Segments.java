package dev.lockstep.raft.storage;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/** The open segments that hold the log. Added to by the log's writer, read by any thread. */
final class Segments {
    private final ConcurrentHashMap<Long, Segment> bySequence = new ConcurrentHashMap<>();

    Segments(List<Segment> used) {
        used.forEach(this::add);
    }

    void add(Segment segment) {
        bySequence.put(segment.sequence(), segment);
    }

    Segment get(long sequence) {
        Segment segment = bySequence.get(sequence);
        if (segment == null) {
            throw new IllegalStateException(Segment.name(sequence) + " isn't open");
        }
        return segment;
    }

    /** Closes and forgets it. */
    void remove(long sequence) throws IOException {
        Segment segment = bySequence.remove(sequence);
        if (segment != null) {
            segment.file().close();
        }
    }

    long first() {
        return bySequence.keySet().stream().mapToLong(Long::longValue).min().orElseThrow();
    }

    long last() {
        return bySequence.keySet().stream().mapToLong(Long::longValue).max().orElseThrow();
    }

    void close() throws IOException {
        for (Segment segment : bySequence.values()) {
            segment.file().close();
        }
    }
}
