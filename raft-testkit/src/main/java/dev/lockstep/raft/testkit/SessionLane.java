package dev.lockstep.raft.testkit;

import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SessionCommand;
import dev.lockstep.raft.model.SessionExpired;
import dev.lockstep.raft.model.SessionId;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.node.RaftSession;
import dev.lockstep.raft.testkit.check.History;
import dev.lockstep.raft.testkit.check.Operation;
import dev.lockstep.raft.testkit.sim.SeededRandom;
import dev.lockstep.raft.testkit.sim.SimulatedProcess;
import dev.lockstep.raft.testkit.sim.SimulationError;
import dev.lockstep.raft.testkit.sim.VirtualTime;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Writes in a session that others may share, one command after the other. Whatever becomes of a
 * call, it asks again on another machine, under the same sequence, until it is answered or the
 * session has expired; so each of its commands is one operation, and is applied once at the most.
 */
final class SessionLane<I, O> {
    /** Who has begun doesn't wait long before it tries again. */
    private static final Set<NotDone.Reason> WANT_OF_ROOM =
            EnumSet.of(
                    NotDone.Reason.SESSION_FULL,
                    NotDone.Reason.OVERLOADED,
                    NotDone.Reason.DISK_FULL);

    private static final long MAX_PAUSE_NANOS = 1_000_000_000;

    /** Then it leaves a command behind as unknown, whose late tries must never run any more. */
    private static final double GIVES_UP = 0.1;

    private final SessionClient<I, O> client;
    private final SimulatedCluster cluster;
    private final Workload<I, O> workload;
    private final VirtualTime time;
    private final SeededRandom random;
    private final int number;
    private boolean stopped;
    private @Nullable Command<I, O> command;

    /** Another one for each call, so that an end that comes after its machine's is told apart. */
    private long call;

    private boolean waits;

    /** One command, from its first call to its end. */
    private static final class Command<I, O> {
        final SessionId session;
        final I input;
        final Payload payload;
        final long sequence;
        final History.Pending<I, O> pending;
        int calls;

        /** Whether a call of it may have taken effect. */
        boolean maybeDone;

        Command(
                SessionId session,
                I input,
                Payload payload,
                long sequence,
                History.Pending<I, O> pending) {
            this.session = session;
            this.input = input;
            this.payload = payload;
            this.sequence = sequence;
            this.pending = pending;
        }
    }

    SessionLane(
            SessionClient<I, O> client,
            SimulatedCluster cluster,
            Workload<I, O> workload,
            int number) {
        this.client = client;
        this.cluster = cluster;
        this.workload = workload;
        this.time = cluster.time();
        this.number = number;
        this.random = time.random().fork("session client " + number);
    }

    void start() {
        think();
    }

    /** Asks for nothing new, and for nothing again. */
    void stop() {
        stopped = true;
    }

    /**
     * The sequence of the command that it waits for in that session; no limit when there is none.
     */
    long waitsFor(SessionId session) {
        Command<I, O> now = command;
        return now != null && now.session.equals(session) ? now.sequence : Long.MAX_VALUE;
    }

    /** What it waits for; null when it waits for nothing. */
    @Nullable String waitingFor() {
        Command<I, O> now = command;
        return !waits && now == null
                ? null
                : "client "
                        + number
                        + (now == null
                                ? " for a session"
                                : " in session "
                                        + now.session
                                        + ": "
                                        + now.input
                                        + ", call "
                                        + now.calls);
    }

    private void think() {
        if (!stopped) {
            long thinking = cluster.plan().traffic().maxThinkNanos();
            long most = command == null ? thinking : Math.min(thinking, MAX_PAUSE_NANOS);
            time.after(1 + random.nextLong(most), "session client", this::act);
        } else if (command != null) {
            end(command.maybeDone ? Operation.Outcome.UNKNOWN : Operation.Outcome.FAILED);
        }
    }

    private void act() {
        SimulatedMachine machine = random.pick(cluster.machines());
        SimulatedProcess process = machine.process();
        RaftGroup group = machine.group();
        if (stopped || process == null || group == null || !machine.isResponsive()) {
            think();
            return;
        }
        Command<I, O> now = command;
        SessionId open = now == null ? client.session() : now.session;
        if (open == null && !client.mayOpen()) {
            think();
            return;
        }
        long thisCall = ++call;
        waits = true;
        process.atDeath(() -> over(thisCall, null, new OutcomeUnknown("its machine died")));
        if (open == null) {
            process.run(
                    () -> {
                        CompletableFuture<RaftSession> unused =
                                group.openSession()
                                        .whenComplete((made, why) -> opened(thisCall, made, why));
                    });
        } else {
            SessionCommand next = next(open);
            process.run(
                    () -> {
                        CompletableFuture<Payload> unused =
                                group.proposeOnce(next)
                                        .whenComplete((done, why) -> over(thisCall, done, why));
                    });
        }
    }

    private void opened(long ofCall, @Nullable RaftSession made, @Nullable Throwable why) {
        if (ofCall == call && waits) {
            if (made != null) {
                client.opened(made.id());
            }
            over(ofCall, null, why);
        }
    }

    private SessionCommand next(SessionId open) {
        Command<I, O> now = command;
        if (now == null) {
            I input = workload.application().draw(random);
            while (workload.application().isRead(input)) {
                input = workload.application().draw(random);
            }
            Payload payload = workload.application().encode(workload.nextId(), input);
            now =
                    new Command<>(
                            open,
                            input,
                            payload,
                            client.nextSequence(),
                            workload.history().invoke(number, input, time.now()));
            command = now;
            workload.begun(payload);
        }
        now.calls++;
        return new SessionCommand(open, now.sequence, client.lowestUnanswered(open), now.payload);
    }

    private void over(long ofCall, @Nullable Payload answer, @Nullable Throwable why) {
        if (ofCall != call || !waits) {
            return;
        }
        waits = false;
        Command<I, O> now = command;
        if (now == null) {
            client.openingIsOver();
            think();
            return;
        }
        if (answer != null) {
            if (now.maybeDone) {
                time.sometimes().hit("session: answered after a call of unknown outcome");
            }
            now.pending.ok(workload.application().decode(now.input, answer), time.now());
            end(Operation.Outcome.OK);
        } else {
            failed(now, why);
        }
        think();
    }

    private void failed(Command<I, O> now, @Nullable Throwable why) {
        now.maybeDone |= why instanceof OutcomeUnknown;
        boolean expired = why instanceof SessionExpired;
        if (why instanceof NotDone notDone) {
            time.sometimes().hit("not done: " + notDone.reason());
            expired = notDone.reason() == NotDone.Reason.SESSION_EXPIRED;
            // A copy of the message, which no transport makes that keeps its contract, may find
            // room later: in the session, at the leader, or on its disk.
            now.maybeDone |=
                    WANT_OF_ROOM.contains(notDone.reason())
                            && cluster.plan().network().duplicateChance() > 0;
        } else if (!(why instanceof OutcomeUnknown)) {
            time.fail(new SimulationError(waitingFor() + " ended with " + why));
        }
        if (expired) {
            time.sometimes().hit("session expired");
            client.expired(now.session);
        }
        if (expired || stopped || random.chance(GIVES_UP)) {
            end(now.maybeDone ? Operation.Outcome.UNKNOWN : Operation.Outcome.FAILED);
        }
    }

    private void end(Operation.Outcome outcome) {
        Command<I, O> now = command;
        if (now == null) {
            return;
        }
        command = null;
        switch (outcome) {
            case OK -> {}
            case UNKNOWN -> now.pending.unknown(time.now());
            case FAILED -> now.pending.failed(time.now());
        }
        workload.ended(now.payload, outcome);
    }
}
