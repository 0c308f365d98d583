package dev.lockstep.raft.testkit.explore;

import dev.lockstep.raft.core.Effect;
import dev.lockstep.raft.message.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The states of single servers that were met so far, and what each action does to them. An action
 * touches one server, and a server is in few states compared with all servers together; so each
 * pair of state and action is run once, on a real core that is brought into that state by what
 * happened to it since its last start, and remembered.
 */
final class Servers {
    private final Cast cast;
    private final StateDigest digest;
    private final List<ServerState> states = new ArrayList<>();
    private final Map<Long, ServerState> byDigest = new HashMap<>();
    private final List<Map<Integer, Outcome>> outcomes = new ArrayList<>();
    private long steps;

    Servers(Cast cast) {
        this.cast = cast;
        this.digest = new StateDigest(cast.options.electionTimeout().toNanos());
    }

    ServerState at(int number) {
        return states.get(number);
    }

    /** Distinct states of single servers. */
    int count() {
        return states.size();
    }

    /** Actions carried out on real cores, those included that brought one into a state again. */
    long steps() {
        return steps;
    }

    /** A server as its disk says. */
    Outcome begin(LiveServer.Start start) {
        LiveServer live = new LiveServer(cast, start, 1 + start.server());
        steps++;
        return outcome(live, start, -1, 0);
    }

    /** What an action does to a server in that state; fails with a {@link Violation}. */
    Outcome after(ServerState state, int anyAction) {
        int action = Action.asSeenByServer(anyAction);
        Map<Integer, Outcome> known = outcomes.get(state.number());
        Outcome outcome = known.get(action);
        if (outcome == null) {
            outcome = run(state, action);
            known.put(action, outcome);
        }
        return outcome;
    }

    private Outcome run(ServerState state, int action) {
        LiveServer live = live(state);
        if (Action.kind(action) == Action.Kind.CRASH) {
            return begin(live.crash(Action.kept(action), Action.parts(action)));
        }
        live.perform(action);
        steps++;
        return outcome(live, state.start(), state.number(), action);
    }

    /** A live server in that state. */
    LiveServer live(ServerState state) {
        ArrayDeque<Integer> actions = new ArrayDeque<>();
        for (ServerState at = state; at.before() >= 0; at = states.get(at.before())) {
            actions.push(at.action());
        }
        LiveServer live = new LiveServer(cast, state.start(), 1 + state.server());
        for (int action : actions) {
            live.perform(action);
        }
        steps += 1 + actions.size();
        return live;
    }

    private Outcome outcome(LiveServer live, LiveServer.Start start, int before, int action) {
        int[] sent = new int[live.left().size()];
        for (int i = 0; i < sent.length; i++) {
            Cast.Flight flight = live.left().get(i);
            Message message = flight.message();
            sent[i] = cast.flight(flight.from(), flight.to(), message);
        }
        long[] reads = new long[2 * live.readsReady().size()];
        int at = 0;
        for (Effect.ReadReady ready : live.readsReady()) {
            reads[at++] = ready.id();
            reads[at++] = ready.index();
        }
        return new Outcome(stateOf(live, start, before, action), sent, reads, live.wrote());
    }

    private ServerState stateOf(LiveServer live, LiveServer.Start start, int before, int action) {
        long key = live.digest(digest);
        ServerState known = byDigest.get(key);
        if (known != null) {
            return known;
        }
        ServerState state = new ServerState(states.size(), key, live, start, before, action, cast);
        states.add(state);
        byDigest.put(key, state);
        outcomes.add(new HashMap<>(8));
        return state;
    }
}
