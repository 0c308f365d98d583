package dev.lockstep.raft.testkit.explore;

import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.model.HardState;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The states of a group of servers, and what can happen in each. A state is an array of ints: the
 * number of each server's state, the number of its past, and the messages on their way, ascending.
 */
final class Space {
    private static final int[] NOTHING = {};

    final Cast cast;
    final Servers servers;
    private final Bounds bounds;
    private final Promised promised;
    private final Cast.Numbers<Past> pasts = new Cast.Numbers<>();
    private final int size;

    /** Takes what can follow a state. */
    interface Successors {
        void next(int action, int[] state);

        /** The action breaks a promise. */
        void broken(int action, Violation violation);
    }

    Space(Cast cast, Bounds bounds) {
        this.cast = cast;
        this.bounds = bounds;
        this.servers = new Servers(cast);
        this.promised = new Promised(cast);
        this.size = cast.size();
    }

    /** All servers founded, nothing in their logs. */
    int[] founded() {
        int[] state = new int[size + 1];
        for (int i = 0; i < size; i++) {
            Disk disk = new Disk(cast.founding, HardState.INITIAL, List.of());
            state[i] = servers.begin(new LiveServer.Start(i, disk, new Promises())).next().number();
        }
        state[size] = pasts.of(Past.none(bounds));
        return state;
    }

    /** The same state as the beginning of a way. */
    int[] beginningAt(int[] state) {
        int[] next = state.clone();
        next[size] = pasts.of(past(state).withNothingUsed());
        return next;
    }

    ServerState server(int[] state, int server) {
        return servers.at(state[server]);
    }

    Past past(int[] state) {
        return pasts.at(state[size]);
    }

    /** The messages on their way. */
    int[] flights(int[] state) {
        return Arrays.copyOfRange(state, size + 1, state.length);
    }

    long digest(int[] state) {
        long digest = state.length;
        for (int i = 0; i < state.length; i++) {
            digest = StateDigest.mix(digest, state[i]);
        }
        return digest;
    }

    // ---- what can happen ----

    void successors(int[] state, Successors successors) {
        Past past = past(state);
        for (int i = 0; i < size; i++) {
            ServerState server = server(state, i);
            Action.Kind timer = server.leads() ? Action.Kind.HEARTBEAT : Action.Kind.CAMPAIGN;
            if (mayHappen(past, timer) && (server.leads() || server.isVoter())) {
                follow(state, past, Action.of(timer, i, 0), successors);
            }
            if (server.unsyncedParts().length > 0) {
                follow(state, past, Action.of(Action.Kind.SYNC, i, 0), successors);
            }
            if (mayHappen(past, Action.Kind.CRASH)) {
                crash(state, past, server, successors);
            }
            if (server.leads()) {
                request(state, past, Action.Kind.PROPOSE, i, successors);
                request(state, past, Action.Kind.READ, i, successors);
                request(state, past, Action.Kind.HAND_OVER, i, successors);
                change(state, past, server, successors);
            }
        }
        for (int i = size + 1; i < state.length; i++) {
            Cast.Flight flight = cast.flight(state[i]);
            int to = flight.to();
            follow(state, past, Action.of(Action.Kind.DELIVER, to, state[i]), successors);
            if (server(state, to).hearsLeader() && asksForVote(flight.message())) {
                follow(state, past, Action.of(Action.Kind.DELIVER_LATE, to, state[i]), successors);
            }
            if (mayHappen(past, Action.Kind.DUPLICATE)) {
                follow(state, past, Action.of(Action.Kind.DUPLICATE, to, state[i]), successors);
            }
            if (mayHappen(past, Action.Kind.DROP)) {
                follow(state, past, Action.of(Action.Kind.DROP, to, state[i]), successors);
            }
        }
    }

    private static boolean asksForVote(Message message) {
        return message instanceof RequestPreVote || message instanceof RequestVote;
    }

    private boolean mayHappen(Past past, Action.Kind kind) {
        return past.used(kind) < bounds.of(kind) && past.events() < bounds.events();
    }

    private void request(
            int[] state, Past past, Action.Kind kind, int server, Successors successors) {
        if (mayHappen(past, kind)) {
            follow(state, past, Action.of(kind, server, past.used(kind)), successors);
        }
    }

    private void change(int[] state, Past past, ServerState server, Successors successors) {
        for (int i = 0; mayHappen(past, Action.Kind.CHANGE) && i < cast.changes(); i++) {
            int action = Action.change(server.server(), past.used(Action.Kind.CHANGE), i);
            if (servers.after(server, action).next() != server) { // else it was refused
                follow(state, past, action, successors);
            }
        }
    }

    private void crash(int[] state, Past past, ServerState server, Successors successors) {
        int[] parts = server.unsyncedParts();
        for (int kept = 0; kept <= parts.length; kept++) {
            follow(state, past, Action.crash(server.server(), kept, 0), successors);
            for (int torn = 1; kept < parts.length && torn < parts[kept]; torn++) {
                follow(state, past, Action.crash(server.server(), kept, torn), successors);
            }
        }
    }

    private void follow(int[] state, Past past, int action, Successors successors) {
        try {
            int[] next = after(state, action);
            if (next != null) {
                successors.next(action, next);
            }
            int slowed = past.events() + (bounds.counts(Action.kind(action)) ? 1 : 0);
            if (slowed < bounds.events()
                    && past.slowWrites() < bounds.slowWrites()
                    && canBeSlow(state, action)) {
                int[] slow = after(state, Action.slow(action));
                if (slow != null) {
                    successors.next(Action.slow(action), slow);
                }
            }
        } catch (Violation violation) {
            successors.broken(action, violation);
        }
    }

    boolean isEvent(int action) {
        return bounds.counts(Action.kind(action)) || Action.isSlow(action);
    }

    private boolean canBeSlow(int[] state, int action) {
        return switch (Action.kind(action)) {
            case DROP, CRASH, SYNC -> false;
            default -> {
                ServerState server = server(state, Action.server(action));
                yield server.unsyncedParts().length == 0 && servers.after(server, action).wrote();
            }
        };
    }

    /** The state after an action; null where it is out of bounds. */
    int @Nullable [] after(int[] state, int action) {
        Action.Kind kind = Action.kind(action);
        Past past = past(state);
        Past now = bounds.counts(kind) ? past.withUse(kind) : past;
        now = Action.isSlow(action) ? now.withSlowWrite() : now;
        if (kind == Action.Kind.READ) {
            now = now.withNeed(Action.argument(action), past.committed());
        }
        int gone =
                switch (kind) {
                    case DELIVER, DELIVER_LATE, DROP -> Action.argument(action);
                    default -> -1;
                };
        if (kind == Action.Kind.DROP) {
            return with(state, now, gone, NOTHING);
        }
        int touched = Action.server(action);
        ServerState before = server(state, touched);
        Outcome outcome = servers.after(before, action);
        if (outcome.next().term() > bounds.terms()) {
            return null;
        }
        if (outcome.next() != before || outcome.sent().length > 0 || outcome.reads().length > 0) {
            ServerState[] all = new ServerState[size];
            for (int i = 0; i < size; i++) {
                all[i] = i == touched ? outcome.next() : server(state, i);
            }
            now = promised.judge(now, all, before, outcome);
        }
        int[] next = with(state, now, gone, outcome.sent());
        next[touched] = outcome.next().number();
        return next;
    }

    private int[] with(int[] state, Past past, int gone, int[] sent) {
        int[] next = new int[state.length + sent.length];
        System.arraycopy(state, 0, next, 0, size);
        next[size] = past.equals(past(state)) ? state[size] : pasts.of(past);
        int end = size + 1;
        for (int i = size + 1; i < state.length; i++) {
            if (state[i] != gone) {
                next[end++] = state[i];
            }
        }
        for (int flight : sent) {
            int at = Arrays.binarySearch(next, size + 1, end, flight);
            if (at < 0 && end - size - 1 < bounds.inFlight()) {
                int place = -at - 1;
                System.arraycopy(next, place, next, place + 1, end - place);
                next[place] = flight;
                end++;
            }
        }
        return end == next.length ? next : Arrays.copyOf(next, end);
    }
}
