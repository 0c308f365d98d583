package dev.lockstep.raft.testkit.explore;

import dev.lockstep.raft.model.Entry;
import java.util.ArrayList;
import java.util.List;

/** Tells a way through the states in words. */
final class Narrator {
    private final Space space;

    Narrator(Space space) {
        this.space = space;
    }

    /** A line for each action with what it changes, from the founding on. */
    List<String> tell(List<Integer> way) {
        List<String> lines = new ArrayList<>();
        int[] state = space.founded();
        for (int action : way) {
            lines.add(String.format("%3d. %s", lines.size() + 1, text(action)));
            int[] next = null;
            try {
                next = space.after(state, action);
            } catch (Violation violation) {
                lines.add("     " + violation.getMessage());
            }
            if (next == null) {
                return lines;
            }
            change(state, next, Action.server(action), lines);
            state = next;
        }
        return lines;
    }

    private void change(int[] from, int[] to, int server, List<String> lines) {
        String before = text(space.server(from, server));
        String after = text(space.server(to, server));
        if (!before.equals(after)) {
            lines.set(lines.size() - 1, lines.get(lines.size() - 1) + "  ->  " + after);
        }
    }

    private String text(int action) {
        String name = name(Action.server(action));
        int argument = Action.argument(action);
        String what =
                switch (Action.kind(action)) {
                    case DELIVER -> name + " gets " + flight(argument);
                    case DUPLICATE -> name + " gets a duplicate of " + flight(argument);
                    case DROP -> "lost: to " + name + " " + flight(argument);
                    case DELIVER_LATE ->
                            name
                                    + ", not having heard its leader for long, gets "
                                    + flight(argument);
                    case CAMPAIGN -> name + "'s election timer fires";
                    case HEARTBEAT -> name + "'s heartbeat timer fires";
                    case SYNC -> name + "'s oldest write becomes durable";
                    case CRASH ->
                            name
                                    + " crashes and restarts, with "
                                    + Action.kept(action)
                                    + " unsynced writes and "
                                    + Action.parts(action)
                                    + " parts of the next kept";
                    case PROPOSE -> "a client proposes #" + argument + " to " + name;
                    case READ -> "a client asks " + name + " for read #" + argument;
                    case CHANGE ->
                            "a client asks "
                                    + name
                                    + " to "
                                    + space.cast.change(Action.choice(action)).steps();
                    case HAND_OVER -> name + " is to hand leadership over";
                };
        return Action.isSlow(action) ? what + "; what it writes stays unsynced" : what;
    }

    private String flight(int number) {
        Cast.Flight flight = space.cast.flight(number);
        return "from " + name(flight.from()) + " " + flight.message();
    }

    private String text(ServerState server) {
        List<String> log = new ArrayList<>();
        for (int entry : server.log()) {
            Entry at = space.cast.entry(entry);
            log.add(String.valueOf(at.position()));
        }
        return server.role()
                + " term "
                + server.term()
                + " log "
                + log
                + (server.unsyncedParts().length > 0
                        ? " of which durable " + server.durable().length
                        : "")
                + " commit "
                + server.commit();
    }

    private String name(int server) {
        return space.cast.id(server).node().value();
    }
}
