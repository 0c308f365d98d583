package dev.lockstep.raft.applied;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SessionId;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One open session (§6.3). Below the watermark every sequence is settled: its client waits for no
 * answer, and it never runs again. From there on the answers of those that ran are kept.
 */
final class Session {
    final SessionId id;
    final int maxAnswers;

    /** The sessions' time when it was used last. */
    long usedMillis;

    long watermark;

    /** Encoded, by sequence, none below the watermark. */
    final TreeMap<Long, Payload> answers = new TreeMap<>();

    Session(SessionId id, int maxAnswers, long usedMillis, long watermark) {
        this.id = id;
        this.maxAnswers = maxAnswers;
        this.usedMillis = usedMillis;
        this.watermark = watermark;
    }

    boolean isUnused() {
        return watermark == 1 && answers.isEmpty();
    }

    void raiseWatermark(long lowestUnanswered) {
        if (lowestUnanswered > watermark) {
            watermark = lowestUnanswered;
            answers.headMap(watermark).clear();
        }
    }

    @Nullable Payload answerTo(long sequence) {
        return answers.get(sequence);
    }

    boolean isFull() {
        return answers.size() >= maxAnswers;
    }

    long hash(long from, CRC32C checksum) {
        long hash = Mix.of(Mix.of(from, id.index()), id.nonce());
        hash = Mix.of(Mix.of(hash, maxAnswers), usedMillis);
        hash = Mix.of(Mix.of(hash, watermark), answers.size());
        for (Map.Entry<Long, Payload> answer : answers.entrySet()) {
            checksum.reset();
            answer.getValue().addTo(checksum);
            hash = Mix.of(Mix.of(hash, answer.getKey()), checksum.getValue());
        }
        return hash;
    }
}
