package dev.lockstep.examples.kv.store;

import dev.lockstep.raft.model.Payload;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A replica's state in short: two replicas that have applied the same log have the same.
 *
 * @param index the last command that was applied; 0 before the first
 * @param keys how many keys there are
 * @param hash SHA-256 over the log's time and every key, value and deadline, in hexadecimal
 */
public record Digest(long index, long keys, String hash) {
    static Digest of(long index, Keyspace space) {
        MessageDigest sha = sha256();
        sha.update(new WireWriter().putLong(space.nowMillis()).toPayload().asByteBuffer());
        space.from(0)
                .forEach(
                        (key, stored) ->
                                sha.update(
                                        new WireWriter()
                                                .putBytes(key.bytes())
                                                .putBytes(stored.value())
                                                .putLong(stored.deadlineMillis())
                                                .toPayload()
                                                .asByteBuffer()));
        return new Digest(index, space.size(), HexFormat.of().formatHex(sha.digest()));
    }

    Payload toPayload() {
        byte[] text = hash.getBytes(StandardCharsets.US_ASCII);
        return new WireWriter()
                .putLong(index)
                .putLong(keys)
                .putBytes(Payload.wrap(text))
                .toPayload();
    }

    public static Digest read(Payload bytes) {
        WireReader in = new WireReader(bytes);
        return new Digest(in.readLong(), in.readLong(), in.readBytes().asString());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
