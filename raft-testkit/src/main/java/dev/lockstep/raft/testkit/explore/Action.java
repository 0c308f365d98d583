package dev.lockstep.raft.testkit.explore;

/**
 * What can happen next, as one int: its kind, the server that it happens to, whether that server's
 * disk takes its time over what comes of it, and an argument.
 */
final class Action {
    private static final int KIND_SHIFT = 27;
    private static final int SERVER_SHIFT = 24;
    private static final int SLOW = 1 << 23;
    private static final int ARGUMENT = SLOW - 1;
    private static final int PARTS_BITS = 8;
    private static final Kind[] KINDS = Kind.values();

    private Action() {}

    /** The argument is given in brackets. */
    enum Kind {
        /** A message arrives [its number]. */
        DELIVER(0),
        /** A message arrives and is still on its way [its number]. */
        DUPLICATE(1),
        /** A message is lost [its number]. */
        DROP(2),
        /** A message arrives so late that its receiver's last word of its leader is old. */
        DELIVER_LATE(3),
        /** The time comes at which a follower or candidate campaigns. */
        CAMPAIGN(4),
        /** The time comes at which a leader sends heartbeats, or gives up. */
        HEARTBEAT(5),
        /** The oldest write that was kept back becomes durable. */
        SYNC(6),
        /** The process dies and starts again [writes that survive, parts of the one after them]. */
        CRASH(7),
        /** A client proposes a command [its number]. */
        PROPOSE(8),
        /** A client wants to read [its number]. */
        READ(9),
        /** Leadership is to go elsewhere [its number]. */
        HAND_OVER(10),
        /** The membership is to change [its number, which change]. */
        CHANGE(11);

        /** Its place among all. */
        final int code;

        Kind(int code) {
            this.code = code;
        }
    }

    static int of(Kind kind, int server, int argument) {
        if (argument < 0 || argument > ARGUMENT) {
            throw new IllegalStateException("more than " + ARGUMENT + " messages: " + argument);
        }
        return kind.code << KIND_SHIFT | server << SERVER_SHIFT | argument;
    }

    static int crash(int server, int kept, int parts) {
        return of(Kind.CRASH, server, kept << PARTS_BITS | parts);
    }

    static int change(int server, int number, int choice) {
        return of(Kind.CHANGE, server, number << PARTS_BITS | choice);
    }

    /** The same, but what comes of it isn't durable yet. */
    static int slow(int action) {
        return action | SLOW;
    }

    static boolean isSlow(int action) {
        return (action & SLOW) != 0;
    }

    static Kind kind(int action) {
        return KINDS[action >>> KIND_SHIFT];
    }

    static int server(int action) {
        return action >> SERVER_SHIFT & 7;
    }

    static int argument(int action) {
        return action & ARGUMENT;
    }

    static int number(int action) {
        return argument(action) >> PARTS_BITS;
    }

    static int choice(int action) {
        return argument(action) & ((1 << PARTS_BITS) - 1);
    }

    static int kept(int action) {
        return argument(action) >> PARTS_BITS;
    }

    static int parts(int action) {
        return argument(action) & ((1 << PARTS_BITS) - 1);
    }

    /** A server can't tell a duplicate from any other message. */
    static int asSeenByServer(int action) {
        return kind(action) == Kind.DUPLICATE
                ? action & ~(Kind.DUPLICATE.code << KIND_SHIFT)
                : action;
    }
}
