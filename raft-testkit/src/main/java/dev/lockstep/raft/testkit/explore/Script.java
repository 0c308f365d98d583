package dev.lockstep.raft.testkit.explore;

import java.util.ArrayList;
import java.util.List;

/**
 * Leads a group from its founding to a state that is worth exploring from, by actions like any
 * other, so that it is reachable and judged.
 */
final class Script {
    private static final int ATTEMPTS = 3;

    private final Space space;
    private final List<Integer> actions = new ArrayList<>();
    private int[] state;

    Script(Space space) {
        this.space = space;
        this.state = space.founded();
    }

    /** One server is elected with the votes of some, and has said no more yet. */
    Script elect(int leader, int... voters) {
        // Who is behind learns of a later term by its first attempt.
        for (int attempt = 0; !space.server(state, leader).leads(); ) {
            if (!deliverOne(leader, voters)) {
                if (attempt == ATTEMPTS) {
                    throw new IllegalStateException("server " + leader + " isn't elected");
                }
                attempt++;
                act(Action.of(Action.Kind.CAMPAIGN, leader, 0));
            }
        }
        return this;
    }

    /** All that one server and some others have to say to each other arrives. */
    Script talk(int server, int... others) {
        boolean more = true;
        while (more) {
            more = deliverOne(server, others);
        }
        return this;
    }

    /** What is on its way is lost. */
    Script lose() {
        for (int flight : space.flights(state)) {
            act(Action.of(Action.Kind.DROP, space.cast.flight(flight).to(), flight));
        }
        return this;
    }

    Script propose(int leader, int number) {
        return act(Action.of(Action.Kind.PROPOSE, leader, number));
    }

    /** For the choices see {@link Cast#change}. */
    Script change(int leader, int choice) {
        return act(Action.change(leader, 0, choice));
    }

    Script heartbeat(int leader) {
        return act(Action.of(Action.Kind.HEARTBEAT, leader, 0));
    }

    Script restart(int server) {
        return act(Action.crash(server, 0, 0));
    }

    int[] end() {
        return space.beginningAt(state);
    }

    /** All that it did. */
    List<Integer> actions() {
        return actions;
    }

    private boolean deliverOne(int server, int... others) {
        for (int flight : space.flights(state)) {
            Cast.Flight message = space.cast.flight(flight);
            for (int other : others) {
                if ((message.from() == server && message.to() == other)
                        || (message.from() == other && message.to() == server)) {
                    act(Action.of(Action.Kind.DELIVER, message.to(), flight));
                    return true;
                }
            }
        }
        return false;
    }

    private Script act(int action) {
        actions.add(action);
        int[] next = space.after(state, action);
        if (next == null) {
            throw new IllegalStateException("a script leads out of bounds");
        }
        state = next;
        return this;
    }
}
