package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** By index, every command that some replica has applied, and what it was answered with. */
final class AppliedCommands {
    private @Nullable Command[] commands = new Command[1024];
    private @Nullable Payload[] answers = new Payload[1024];
    private long last;

    /** The last index at which there is one; 0 when there is none. */
    long last() {
        return last;
    }

    @Nullable Command at(long index) {
        return index < commands.length ? commands[(int) index] : null;
    }

    void put(Command command) {
        long index = command.position().index();
        if (index >= commands.length) {
            int length = (int) Math.max(index + 1, 2L * commands.length);
            commands = Arrays.copyOf(commands, length);
            answers = Arrays.copyOf(answers, length);
        }
        commands[(int) index] = command;
        last = Math.max(last, index);
    }

    @Nullable Payload answer(long index) {
        return index < answers.length ? answers[(int) index] : null;
    }

    /** The first answer that was given for the command there: this one, if there was none. */
    Payload answer(long index, Payload answer) {
        Payload known = answers[(int) index];
        if (known == null) {
            answers[(int) index] = answer;
            return answer;
        }
        return known;
    }

    /** The first one strictly between two indices. */
    @Nullable Command firstBetween(long after, long before) {
        for (long index = after + 1; index < before; index++) {
            Command command = at(index);
            if (command != null) {
                return command;
            }
        }
        return null;
    }

    @Nullable Command lastBefore(long index) {
        for (long before = Math.min(index - 1, last); before > 0; before--) {
            Command command = at(before);
            if (command != null) {
                return command;
            }
        }
        return null;
    }

    List<Command> all() {
        List<Command> all = new ArrayList<>();
        for (int i = 0; i <= last; i++) {
            Command command = commands[i];
            if (command != null) {
                all.add(command);
            }
        }
        return all;
    }
}
