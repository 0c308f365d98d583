package dev.lockstep.raft.testkit.explore;

import dev.lockstep.raft.core.Effect;
import dev.lockstep.raft.core.Event;
import dev.lockstep.raft.core.PersistToken;
import dev.lockstep.raft.core.RaftCore;
import dev.lockstep.raft.core.Ticket;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One real core with the disk, the state machine and the clock that it has in an exploration. The
 * clock stands still but for the actions that move it to the core's deadline, the state machine is
 * done at once, the disk as well unless an action says that it takes its time.
 */
final class LiveServer implements Effect.Runner {
    /** So far from zero that what never happened was long ago. */
    private static final long FIRST_NANOS = 1L << 40;

    /** Entries are to be equal in whatever order they come about. */
    private static final long WALL_MILLIS = 1;

    private final Cast cast;
    private final ReplicaId id;
    private final long seed;
    private long now = FIRST_NANOS;
    private RaftCore core;
    private Disk disk;
    private final Promises promises;
    private final ArrayDeque<Write> unsynced = new ArrayDeque<>();
    private long handed;

    private final List<Event> due = new ArrayList<>();
    private final List<Cast.Flight> left = new ArrayList<>();
    private final List<Effect.ReadReady> readsReady = new ArrayList<>();
    private boolean wrote;

    /** A write that isn't durable yet, and the messages that wait for it. */
    private record Write(Effect.Persist persist, List<Effect.Send> sends) {}

    /** What outlives a process. */
    record Start(int server, Disk disk, Promises promises) {}

    /**
     * @param seed of the core's random timeouts, on which nothing may depend
     */
    LiveServer(Cast cast, Start start, long seed) {
        this.cast = cast;
        this.id = cast.id(start.server());
        this.seed = seed;
        this.disk = start.disk();
        this.promises = new Promises(start.promises());
        this.core = boot();
    }

    private RaftCore boot() {
        RaftCore booted = new RaftCore(disk.recovered(id), cast.nodes(), cast.options, seed, now);
        promises.restarted(id, booted.term());
        handed = booted.appliedIndex();
        core = booted;
        settle(false);
        return booted;
    }

    // ---- what happens ----

    /** Any action but a crash; throws a {@link Violation} for what must not be. */
    void perform(int action) {
        left.clear();
        readsReady.clear();
        wrote = false;
        try {
            switch (Action.kind(action)) {
                case DELIVER, DUPLICATE, DELIVER_LATE -> {
                    if (Action.kind(action) == Action.Kind.DELIVER_LATE) {
                        now = core.deadlineNanos() - 1;
                    }
                    Cast.Flight flight = cast.flight(Action.argument(action));
                    step(new Event.Received(cast.id(flight.from()), flight.message()));
                }
                case CAMPAIGN, HEARTBEAT -> {
                    now = core.deadlineNanos();
                    step(Event.Wake.INSTANCE);
                }
                case SYNC -> sync();
                case PROPOSE ->
                        step(
                                new Event.Propose(
                                        Ticket.local(Action.argument(action)),
                                        Payload.of(Action.argument(action))));
                case READ -> step(new Event.Read(Action.argument(action)));
                case HAND_OVER -> step(new Event.Transfer(Action.argument(action), null));
                case CHANGE ->
                        step(
                                new Event.ChangeMembership(
                                        Action.number(action), cast.change(Action.choice(action))));
                case CRASH, DROP -> throw new IllegalArgumentException("no core sees " + action);
            }
            boolean behind = !unsynced.isEmpty();
            settle(behind || Action.isSlow(action));
        } catch (AssertionError | IllegalStateException | IndexOutOfBoundsException e) {
            throw new Violation(id + " fails: " + e, e);
        }
    }

    /** What is left when the process dies now, with some writes done and some parts of the next. */
    Start crash(int kept, int parts) {
        Disk survives = disk;
        int number = 0;
        for (Write write : unsynced) {
            if (number < kept) {
                survives = survives.with(write.persist, Disk.parts(write.persist));
            } else if (number == kept) {
                survives = survives.with(write.persist, parts);
            }
            number++;
        }
        return new Start(cast.numberOf(id), survives, promises);
    }

    private void step(Event event) {
        core.step(now, WALL_MILLIS, event);
        if (core.fault() != null) {
            throw new Violation(id + " stops: " + core.fault());
        }
    }

    private void settle(boolean diskIsSlow) {
        core.drainEffects(this);
        while (!due.isEmpty() || (!diskIsSlow && !unsynced.isEmpty())) {
            if (due.isEmpty()) {
                sync();
            } else {
                step(due.remove(0));
            }
            core.drainEffects(this);
        }
    }

    private void sync() {
        Write write = unsynced.removeFirst();
        disk = disk.with(write.persist, Disk.parts(write.persist));
        write.sends.forEach(this::leave);
        PersistToken token = write.persist.token();
        step(new Event.Persisted(token));
    }

    private void leave(Effect.Send send) {
        promises.leaves(id, send.to(), send.message(), disk);
        left.add(new Cast.Flight(cast.numberOf(id), cast.numberOf(send.to()), send.message()));
    }

    // ---- what it is now ----

    long digest(StateDigest digest) {
        return digest.of(core, disk, promises, unsynced);
    }

    RaftCore core() {
        return core;
    }

    Disk disk() {
        return disk;
    }

    Role role() {
        return core.role();
    }

    long term() {
        return core.term();
    }

    long commitIndex() {
        return core.commitIndex();
    }

    /** The log as the disk will hold it, which is the core's. */
    List<Entry> log() {
        Disk all = disk;
        for (Write write : unsynced) {
            all = all.with(write.persist, Disk.parts(write.persist));
        }
        if (all.entries().size() != core.last().index()) {
            throw new Violation(
                    id + "'s disk was given " + all.entries() + ", its log ends at " + core.last());
        }
        for (Entry entry : all.entries()) {
            if (core.termAt(entry.index()) != entry.term()) {
                throw new Violation(id + "'s disk was given " + entry + ", which its log lacks");
            }
        }
        return all.entries();
    }

    /** Whether it can lose faith in its leader before it campaigns. */
    boolean hearsLeader() {
        return core.role() == Role.FOLLOWER
                && core.leader() != null
                && core.deadlineNanos() - now >= cast.options.electionTimeout().toNanos();
    }

    int[] votes() {
        return promises.votes(cast, disk.hardState());
    }

    /** The number of parts of each write that isn't durable yet. */
    int[] unsyncedParts() {
        return unsynced.stream().mapToInt(write -> Disk.parts(write.persist)).toArray();
    }

    /** The messages that left during the last action. */
    List<Cast.Flight> left() {
        return left;
    }

    List<Effect.ReadReady> readsReady() {
        return readsReady;
    }

    /** Whether the last action had something written. */
    boolean wrote() {
        return wrote;
    }

    // ---- effects ----

    @Override
    public void persist(Effect.Persist effect) {
        wrote = true;
        unsynced.addLast(new Write(effect, new ArrayList<>()));
    }

    @Override
    public void send(Effect.Send effect) {
        @Nullable Write last = unsynced.peekLast();
        if (effect.afterPersist() && last != null) {
            last.sends.add(effect);
        } else {
            leave(effect);
        }
    }

    @Override
    public void apply(Effect.Apply effect) {
        for (Entry entry : effect.entries()) {
            handed++;
            if (entry.index() != handed || handed > core.commitIndex()) {
                throw new Violation(id + " applies " + entry + " as entry " + handed);
            }
        }
        due.add(new Event.Applied(handed));
    }

    @Override
    public void load(Effect.Load effect) {
        List<Entry> log = log();
        due.add(new Event.Loaded(effect.from(), log.subList((int) effect.from() - 1, log.size())));
    }

    @Override
    public void admitted(Effect.Admitted effect) {}

    @Override
    public void refused(Effect.Refused effect) {}

    @Override
    public void forward(Effect.Forward effect) {}

    @Override
    public void readReady(Effect.ReadReady effect) {
        readsReady.add(effect);
    }

    @Override
    public void readRefused(Effect.ReadRefused effect) {}

    @Override
    public void transferAborted(Effect.TransferAborted effect) {}

    @Override
    public void changeDone(Effect.ChangeDone effect) {}

    @Override
    public void changeRefused(Effect.ChangeRefused effect) {}

    @Override
    public void configurationChanged(Effect.ConfigurationChanged effect) {}

    /** Logs stay far below the size at which a snapshot is taken, so none is asked for. */
    @Override
    public void snapshots(Effect.Snapshots effect) {
        throw new IllegalStateException("no snapshot in an exploration: " + effect);
    }

    @Override
    public void statesDiffer(Effect.StatesDiffer effect) {}

    @Override
    public void warned(Effect.Warned effect) {}

    @Override
    public void roleChanged(Effect.RoleChanged effect) {}

    @Override
    public void halt(Effect.Halt effect) {}
}
