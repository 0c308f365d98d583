package dev.lockstep.raft.harness.client;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A replica's state in short: RAFT.DIGEST.
 *
 * @param index the last command that it has applied
 * @param keys how many keys it holds
 * @param sha256 of its whole state; replicas with the same index must have the same
 */
public record StateDigest(long index, long keys, String sha256) {
    /**
     * @param reply names and values in turns
     */
    static StateDigest parse(Object reply) {
        List<?> fields = (List<?>) reply;
        return new StateDigest(
                (Long) fields.get(1),
                (Long) fields.get(3),
                new String((byte[]) fields.get(5), StandardCharsets.US_ASCII));
    }
}
