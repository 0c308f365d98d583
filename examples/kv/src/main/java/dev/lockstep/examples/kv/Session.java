package dev.lockstep.examples.kv;

import dev.lockstep.raft.model.Payload;

/** What the server remembers of one client. Used on its connection's event loop only. */
final class Session {
    private final long id;
    private final NodeFacts facts;
    private Payload name = Payload.EMPTY;

    Session(long id, NodeFacts facts) {
        this.id = id;
        this.facts = facts;
    }

    long id() {
        return id;
    }

    NodeFacts facts() {
        return facts;
    }

    /** Empty when the client gave none. */
    Payload name() {
        return name;
    }

    /**
     * @throws Refusal when it would break the lists that operators read
     */
    void rename(Payload wanted) {
        for (int i = 0; i < wanted.size(); i++) {
            if (wanted.byteAt(i) < '!' || wanted.byteAt(i) > '~') {
                throw new Refusal(
                        "ERR Client names cannot contain spaces, newlines or special characters.");
            }
        }
        name = wanted;
    }
}
