package dev.lockstep.raft.testkit.check;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.Command;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
    private @Nullable Command firstBetween(long after, long before) {
        for (long index = after + 1; index < before; index++) {
            Command command = at(index);
            if (command != null) {
                return command;
            }
        }
        return null;
    }

    private @Nullable Command lastBefore(long index) {
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

    /**
     * Why a replica that has applied up to some index can't apply that next; null when it can. What
     * is new to all follows what was applied before in term and time.
     */
    @Nullable String breach(NodeId node, long before, Command next) {
        long index = next.position().index();
        Command known = at(index);
        if (known != null && !known.equals(next)) {
            return "index " + index + " is " + known + " elsewhere and " + next + " on " + node;
        }
        Command skipped = firstBetween(before, index);
        if (skipped != null) {
            return node + " went from " + before + " to " + index + " and skipped " + skipped;
        }
        Command previous = known == null ? lastBefore(index) : null;
        if (previous != null
                && (previous.position().term() > next.position().term()
                        || previous.timestampMillis() > next.timestampMillis())) {
            return next + " goes back in term or time behind " + previous;
        }
        return null;
    }

    /** The last one that a disk wasn't given; null when there is none. */
    @Nullable Command lastThatLacks(ReplicaRecord disk) {
        for (long index = last; index > 0; index--) {
            Command command = at(index);
            if (command != null && !disk.holds(command.position())) {
                return command;
            }
        }
        return null;
    }

    /** Why a disk can't drop its entries from an index on; null when it can. */
    @Nullable String dropping(ReplicaRecord disk, long from) {
        for (long index = from; index <= Math.min(disk.last(), last); index++) {
            Command command = at(index);
            if (command != null && disk.holds(command.position())) {
                return "drops " + command + ", which was applied";
            }
        }
        return null;
    }

    /** Why those can't have been acknowledged, all different; null when they can. */
    @Nullable String lostOrDoubled(Collection<Payload> acknowledged) {
        Set<Payload> once = new HashSet<>();
        Set<Payload> twice = new HashSet<>();
        for (Command command : all()) {
            if (!once.add(command.payload())) {
                twice.add(command.payload());
            }
        }
        for (Payload payload : acknowledged) {
            if (!once.contains(payload)) {
                return "the acknowledged command " + payload + " was never applied";
            }
            if (twice.contains(payload)) {
                return "the acknowledged command " + payload + " was applied twice";
            }
        }
        return null;
    }
}
