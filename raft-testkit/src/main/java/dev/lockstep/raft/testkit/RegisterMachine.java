package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.testkit.check.RegisterModel;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * The state machine that the simulation's own clients talk to: named registers, as {@link
 * RegisterModel} has them. Commands and answers are words in one line of text.
 */
final class RegisterMachine implements StateMachine {
    private final TreeMap<String, Long> registers = new TreeMap<>();

    /**
     * @param id makes each payload different from every other, so that one applied twice is found
     */
    static Payload encode(long id, RegisterModel.Call call) {
        if (call instanceof RegisterModel.Get get) {
            return Payload.of(id + " get " + get.key());
        }
        if (call instanceof RegisterModel.Set set) {
            return Payload.of(id + " set " + set.key() + " " + set.value());
        }
        RegisterModel.CompareAndSet swap = (RegisterModel.CompareAndSet) call;
        return Payload.of(id + " cas " + swap.key() + " " + swap.expected() + " " + swap.value());
    }

    static RegisterModel.Answer decode(Payload answer) {
        String[] words = answer.asString().split(" ", -1);
        return new RegisterModel.Answer(Long.parseLong(words[0]), Boolean.parseBoolean(words[1]));
    }

    @Override
    public Payload apply(Command command) {
        String[] words = command.payload().asString().split(" ", -1);
        long before = registers.getOrDefault(words[2], 0L);
        boolean applies = !words[1].equals("cas") || before == Long.parseLong(words[3]);
        if (applies) {
            registers.put(words[2], Long.parseLong(words[words.length - 1]));
        }
        return Payload.of(before + " " + applies);
    }

    @Override
    public Payload query(Payload question) {
        String key = question.asString().split(" ", -1)[2];
        return Payload.of(registers.getOrDefault(key, 0L) + " true");
    }

    @Override
    public SnapshotSource snapshot() {
        TreeMap<String, Long> frozen = new TreeMap<>(registers);
        return out -> {
            out.writeInt(frozen.size());
            for (Map.Entry<String, Long> register : frozen.entrySet()) {
                out.writeUTF(register.getKey());
                out.writeLong(register.getValue());
            }
        };
    }

    @Override
    public void restore(DataInputStream in) throws IOException {
        registers.clear();
        for (int left = in.readInt(); left > 0; left--) {
            registers.put(in.readUTF(), in.readLong());
        }
    }

    Map<String, Long> registers() {
        return registers;
    }
}
