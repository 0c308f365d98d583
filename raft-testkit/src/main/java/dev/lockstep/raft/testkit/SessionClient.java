package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.SessionId;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A client with a session, in which it has some commands under way at once, each in a lane of its
 * own. It opens another when one has expired.
 */
final class SessionClient<I, O> {
    private final List<SessionLane<I, O>> lanes = new ArrayList<>();
    private final VirtualTime time;
    private @Nullable SessionId session;
    private long sequence;
    private boolean opening;

    SessionClient(SimulatedCluster cluster, Workload<I, O> workload) {
        this.time = cluster.time();
        for (int i = 0; i < cluster.plan().traffic().window(); i++) {
            lanes.add(new SessionLane<>(this, cluster, workload, workload.nextClient()));
        }
    }

    void start() {
        lanes.forEach(SessionLane::start);
    }

    /** Asks for nothing new, and for nothing again. */
    void stop() {
        lanes.forEach(SessionLane::stop);
    }

    /** What its lanes wait for. */
    Stream<String> waiting() {
        return lanes.stream().map(SessionLane::waitingFor).filter(Objects::nonNull);
    }

    /** Null while it has none. */
    @Nullable SessionId session() {
        return session;
    }

    /** Whether a lane is to open one, which it then does. */
    boolean mayOpen() {
        boolean may = !opening;
        opening = true;
        return may;
    }

    void openingIsOver() {
        opening = false;
    }

    void opened(SessionId id) {
        time.sometimes().hit("session opened");
        session = id;
        sequence = 0;
    }

    void expired(SessionId id) {
        if (id.equals(session)) {
            session = null;
        }
    }

    long nextSequence() {
        return ++sequence;
    }

    /** What is answered below this may be forgotten. */
    long lowestUnanswered(SessionId of) {
        return lanes.stream().mapToLong(lane -> lane.waitsFor(of)).min().orElseThrow();
    }
}
