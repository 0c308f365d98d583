package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.testkit.check.RegisterModel;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The state machine that the simulation's own clients talk to: named registers, as {@link
 * RegisterModel} has them.
 *
 * <pre>
 *   command, question:  u64 id, u8 what (get, set, cas), u8 first letter of the key, u32 its number,
 *                       u64 expected, u64 value
 *   answer:             u64 the value before, u8 whether it was replaced
 * </pre>
 */
final class RegisterMachine implements StateMachine {
    private static final int CALL_BYTES = 30;
    private static final int ANSWER_BYTES = 9;
    private static final int WHAT_AT = 8;
    private static final int KEY_AT = 9;
    private static final int EXPECTED_AT = 14;
    private static final int VALUE_AT = 22;
    private static final byte GET = 0;
    private static final byte SET = 1;
    private static final byte COMPARE_AND_SET = 2;

    /** By letter and number of the key. */
    private final TreeMap<Long, Long> registers = new TreeMap<>();

    /**
     * @param id makes each payload different from every other, so that one applied twice is found
     */
    static Payload encode(long id, RegisterModel.Call call) {
        byte[] bytes = new byte[CALL_BYTES];
        ByteBuffer out = ByteBuffer.wrap(bytes).putLong(id);
        String key = call.key();
        out.position(KEY_AT);
        out.put((byte) key.charAt(0)).putInt(Integer.parseInt(key.substring(1)));
        if (call instanceof RegisterModel.Set set) {
            out.put(WHAT_AT, SET).putLong(VALUE_AT, set.value());
        } else if (call instanceof RegisterModel.CompareAndSet swap) {
            out.put(WHAT_AT, COMPARE_AND_SET);
            out.putLong(EXPECTED_AT, swap.expected()).putLong(VALUE_AT, swap.value());
        } else {
            out.put(WHAT_AT, GET);
        }
        return Payload.wrap(bytes);
    }

    static RegisterModel.Answer decode(Payload answer) {
        ByteBuffer in = read(answer, ANSWER_BYTES);
        return new RegisterModel.Answer(in.getLong(), in.get() != 0);
    }

    @Override
    public Payload apply(Command command) {
        ByteBuffer in = read(command.payload(), CALL_BYTES);
        long key = key(in);
        long before = registers.getOrDefault(key, 0L);
        boolean applies = in.get(WHAT_AT) == SET || before == in.getLong(EXPECTED_AT);
        if (applies) {
            registers.put(key, in.getLong(VALUE_AT));
        }
        return answer(before, applies);
    }

    @Override
    public OptionalLong stateHash() {
        return OptionalLong.of(registers.hashCode());
    }

    @Override
    public Payload query(Payload question) {
        return answer(registers.getOrDefault(key(read(question, CALL_BYTES)), 0L), true);
    }

    @Override
    public SnapshotSource snapshot() {
        TreeMap<Long, Long> frozen = new TreeMap<>(registers);
        return out -> {
            out.writeInt(frozen.size());
            for (Map.Entry<Long, Long> register : frozen.entrySet()) {
                out.writeLong(register.getKey());
                out.writeLong(register.getValue());
            }
        };
    }

    @Override
    public void restore(DataInputStream in) throws IOException {
        registers.clear();
        for (int left = in.readInt(); left > 0; left--) {
            registers.put(in.readLong(), in.readLong());
        }
    }

    private static long key(ByteBuffer call) {
        return (long) call.get(KEY_AT) << Integer.SIZE | call.getInt(KEY_AT + 1);
    }

    private static Payload answer(long value, boolean applied) {
        byte[] bytes = new byte[ANSWER_BYTES];
        ByteBuffer.wrap(bytes).putLong(value).put((byte) (applied ? 1 : 0));
        return Payload.wrap(bytes);
    }

    private static ByteBuffer read(Payload payload, int bytes) {
        if (payload.size() != bytes) {
            throw new IllegalArgumentException(payload.size() + " bytes, not " + bytes);
        }
        ByteBuffer in = ByteBuffer.allocate(bytes);
        payload.writeTo(in);
        return in.flip();
    }
}
