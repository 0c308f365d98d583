package dev.lockstep.examples.kv.store;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.List;

/**
 * The replicated state machine. Its commands and questions are {@link Request}s.
 *
 * <p>Nothing that a client sends makes it throw, since a command that throws stops every replica:
 * what can go wrong with an operation is a reply, and every reply is bounded. It throws on bytes
 * that no server of this version writes.
 */
public final class KvStore implements StateMachine {
    /** The longest value. The same on all nodes and for ever, since APPEND decides by it. */
    public static final int MAX_VALUE_BYTES = 1024 * 1024;

    /** What a client is told who would make a longer one. */
    public static final String TOO_LONG =
            "ERR string exceeds maximum allowed size (proto-max-bulk-len)";

    private static final int SNAPSHOT_FORMAT = 1;

    private final Keyspace space = new Keyspace();
    private long lastIndex;
    private volatile Counts counts = new Counts(0, 0, Stored.NEVER);

    /**
     * What other threads may know of the state, from after some command.
     *
     * @param keys how many there are
     * @param volatileKeys those with a deadline
     * @param earliestDeadlineMillis when the first of them ends; {@link Long#MAX_VALUE} when there
     *     is none
     */
    public record Counts(long keys, long volatileKeys, long earliestDeadlineMillis) {}

    public Counts counts() {
        return counts;
    }

    @Override
    public Payload apply(Command command) {
        Request request = Request.read(command.payload());
        space.advanceTo(command.timestampMillis());
        lastIndex = command.position().index();
        Payload answer =
                request instanceof Request.Batch batch ? run(batch.operations()) : Payload.EMPTY;
        count();
        return answer;
    }

    private Payload run(List<Operation> operations) {
        Answers answers = new Answers(Answers.LOG_BYTES);
        for (Operation operation : operations) {
            if (!answers.hasRoom()) {
                break;
            }
            answers.add(operation.runOn(space));
        }
        return answers.toPayload();
    }

    @Override
    public Payload query(Payload question) {
        Request request = Request.read(question);
        if (request instanceof Request.Look look) {
            return answer(look);
        }
        if (request instanceof Request.Fingerprint) {
            return Digest.of(lastIndex, space).toPayload();
        }
        throw new IllegalArgumentException("not a question: " + request);
    }

    @Override
    public SnapshotSource snapshot() {
        long index = lastIndex;
        Keyspace frozen = space.copy();
        return out -> {
            out.writeByte(SNAPSHOT_FORMAT);
            out.writeLong(index);
            frozen.writeTo(out);
        };
    }

    @Override
    public void restore(DataInputStream in) throws IOException {
        int format = in.readByte();
        if (format != SNAPSHOT_FORMAT) {
            throw new IllegalStateException(
                    "a snapshot of format " + format + "; this version reads " + SNAPSHOT_FORMAT);
        }
        lastIndex = in.readLong();
        space.readFrom(in);
        count();
    }

    private void count() {
        counts = new Counts(space.size(), space.volatileKeys(), space.earliestDeadlineMillis());
    }

    private Payload answer(Request.Look look) {
        Answers answers = new Answers(Answers.LOOK_BYTES);
        Glance glance = new Glance(space, look.readerMillis());
        for (Read read : look.reads()) {
            if (!answers.hasRoom()) {
                break;
            }
            Reply reply = read.answer(glance);
            if (glance.needsLog()) {
                return Answers.askTheLog();
            }
            answers.add(reply);
        }
        return answers.toPayload();
    }
}
