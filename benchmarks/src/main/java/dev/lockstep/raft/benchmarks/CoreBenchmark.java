package dev.lockstep.raft.benchmarks;

import dev.lockstep.raft.core.Event;
import dev.lockstep.raft.core.Ticket;
import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.Role;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What the protocol itself costs for a proposal of 256 bytes, from {@code step} to applied, without
 * disk, network and threads: alone, and with 64 in a batch. An operation is one proposal.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class CoreBenchmark {
    private static final int BATCH = 64;
    private static final Payload COMMAND = Payload.wrap(new byte[256]);

    /** A leader in term 1 whose followers acknowledge everything. */
    @State(Scope.Thread)
    public static class LeaderState {
        private final BenchedCore server = new BenchedCore();
        private long id;

        /** Has it elected. */
        public LeaderState() {
            server.waitForDeadline();
            server.receive(BenchedCore.FIRST, new PreVoteReply(1, true));
            server.drain();
            server.sync();
            server.receive(BenchedCore.FIRST, new VoteReply(1, true));
            if (server.core.role() != Role.LEADER) {
                throw new IllegalStateException("it wasn't elected: " + server.core.role());
            }
            commit(0);
        }

        long commit(int proposals) {
            for (int i = 0; i < proposals; i++) {
                server.step(new Event.Propose(Ticket.local(++id), COMMAND));
            }
            server.drain();
            server.sync();
            long last = server.core.last().index();
            server.receive(BenchedCore.FIRST, new AppendAccepted(1, last));
            server.receive(BenchedCore.SECOND, new AppendAccepted(1, last));
            server.drain();
            server.applied();
            if (server.core.appliedIndex() != last) {
                throw new IllegalStateException(
                        "applied " + server.core.appliedIndex() + " of " + last);
            }
            return server.effects;
        }
    }

    /** A follower in term 1 to whom a leader sends what was committed one message before. */
    @State(Scope.Thread)
    public static class FollowerState {
        private final BenchedCore server = new BenchedCore();
        private long last;

        AppendEntries message(int entries) {
            List<Entry> batch = new ArrayList<>(entries);
            for (int i = 1; i <= entries; i++) {
                batch.add(new Entry(1, last + i, EntryKind.COMMAND, 1, COMMAND));
            }
            LogPosition previous = last == 0 ? LogPosition.ZERO : new LogPosition(1, last);
            return new AppendEntries(1, previous, batch, last);
        }

        long append(AppendEntries message) {
            server.receive(BenchedCore.FIRST, message);
            server.drain();
            server.sync();
            server.applied();
            last = message.lastIndex();
            if (server.core.last().index() != last) {
                throw new IllegalStateException("the log ends at " + server.core.last());
            }
            return server.effects;
        }
    }

    /** What anything that keeps entries costs at least. */
    @State(Scope.Thread)
    public static class QueueState {
        private final ArrayDeque<Entry> queue = new ArrayDeque<>();
        private long index;
    }

    @Benchmark
    public long leader(LeaderState leader) {
        return leader.commit(1);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long leaderBatch(LeaderState leader) {
        return leader.commit(BATCH);
    }

    @Benchmark
    public long follower(FollowerState follower) {
        return follower.append(follower.message(1));
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long followerBatch(FollowerState follower) {
        return follower.append(follower.message(BATCH));
    }

    /** The leader's message, which a decoder makes: part of the follower's figures. */
    @Benchmark
    public AppendEntries message(FollowerState follower) {
        return follower.message(1);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public AppendEntries messageBatch(FollowerState follower) {
        return follower.message(BATCH);
    }

    /** The yardstick: an entry made, queued and taken out again. */
    @Benchmark
    public Entry queue(QueueState state) {
        state.queue.addLast(new Entry(1, ++state.index, EntryKind.COMMAND, 1, COMMAND));
        return state.queue.removeFirst();
    }
}
