package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.store.KvStore;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.spi.Clock;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What every connection of a node shares. */
final class NodeFacts {
    private final RaftGroup group;
    private final KvStore store;
    private final Clock clock;
    private volatile int port;
    private final long startedNanos;
    private final AtomicInteger clients = new AtomicInteger();
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong commands = new AtomicLong();

    NodeFacts(RaftGroup group, KvStore store, Clock clock) {
        this.group = group;
        this.store = store;
        this.clock = clock;
        this.startedNanos = clock.nanoTime();
    }

    RaftGroup group() {
        return group;
    }

    KvStore store() {
        return store;
    }

    Clock clock() {
        return clock;
    }

    void listensOn(int chosen) {
        port = chosen;
    }

    /** 0 until it is known. */
    int port() {
        return port;
    }

    long uptimeSeconds() {
        return (clock.nanoTime() - startedNanos) / 1_000_000_000L;
    }

    /** Connected now. */
    AtomicInteger clients() {
        return clients;
    }

    /** Since the start. */
    AtomicLong connections() {
        return connections;
    }

    /** Since the start. */
    AtomicLong commands() {
        return commands;
    }
}
