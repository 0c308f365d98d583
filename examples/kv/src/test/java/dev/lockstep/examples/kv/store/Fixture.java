package dev.lockstep.examples.kv.store;

import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A store and the log that it has applied, with times of the test's choice. */
final class Fixture {
    final KvStore store = new KvStore();
    private long index;

    List<String> at(long millis, Operation... operations) {
        return texts(store.apply(command(millis, new Request.Batch(List.of(operations)))));
    }

    void tickAt(long millis) {
        store.apply(command(millis, new Request.Tick()));
    }

    Command command(long millis, Request request) {
        return new Command(new LogPosition(1, ++index), millis, request.toPayload());
    }

    /**
     * What a reader outside of the log sees whose clock shows that; null when it must ask the log.
     */
    List<String> lookAt(long readerMillis, Read... reads) {
        Payload answer = store.query(new Request.Look(readerMillis, List.of(reads)).toPayload());
        return Answers.mustAskTheLog(answer) ? null : texts(answer);
    }

    Digest digest() {
        return Digest.read(store.query(new Request.Fingerprint().toPayload()));
    }

    static List<String> texts(Payload answer) {
        return Answers.read(answer).stream().map(Fixture::text).toList();
    }

    private static String text(ByteBuffer reply) {
        return StandardCharsets.ISO_8859_1.decode(reply).toString().replace("\r\n", "|");
    }

    static Write.Set set(String key, String value, long lifetimeMillis) {
        return new Write.Set(
                Key.of(key), Payload.of(value), Condition.ALWAYS, lifetimeMillis, SetAnswer.OK);
    }

    static Write.Set set(String key, String value) {
        return set(key, value, Write.Set.FOREVER);
    }

    static Read.Find get(String key) {
        return new Read.Find(Key.of(key));
    }
}
