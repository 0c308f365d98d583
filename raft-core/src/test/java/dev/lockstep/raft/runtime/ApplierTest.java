package dev.lockstep.raft.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.core.Lease;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.Stamped;
import dev.lockstep.raft.model.StateHash;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.RaftMetrics;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ApplierTest {
    private final ManualLoop loop = new ManualLoop();
    private final List<Command> commands = new ArrayList<>();
    private final List<String> queries = new ArrayList<>();
    private final List<Long> applied = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private final List<StateHash> hashes = new ArrayList<>();
    private final List<String> ends = new ArrayList<>();
    private final Applier applier =
            new Applier(
                    GroupId.of("g"),
                    new Noting(),
                    null,
                    loop,
                    applied::add,
                    faults::add,
                    hashes::add,
                    Clock.SYSTEM,
                    RaftMetrics.NONE);

    /** Notes its commands; throws at "bad". */
    private final class Noting implements StateMachine {
        @Override
        public Payload apply(Command command) {
            if (command.payload().asString().equals("bad")) {
                throw new IllegalStateException("no such command");
            }
            commands.add(command);
            return Payload.of("did " + command.payload().asString());
        }

        @Override
        public OptionalLong stateHash() {
            return OptionalLong.of(commands.size());
        }

        @Override
        public Payload query(Payload question) {
            if (question.size() == 0) {
                throw new AssertionError("no question");
            }
            queries.add(question.asString());
            return Payload.of(commands.size());
        }

        @Override
        public SnapshotSource snapshot() {
            if (commands.isEmpty()) {
                throw new IllegalStateException("nothing to save");
            }
            int frozen = commands.size();
            return out -> out.writeInt(frozen);
        }

        @Override
        public void restore(DataInputStream in) throws IOException {
            assertThat(in.readInt()).isNotNegative();
        }
    }

    private static Entry entry(long index, EntryKind kind, String payload) {
        return new Entry(2, index, kind, 100 + index, Payload.of(payload));
    }

    private Proposal proposal(long id) {
        return new Proposal(
                id,
                Payload.EMPTY,
                new Completion() {
                    @Override
                    public void done(long index, Payload result) {
                        ends.add(id + " " + result.asString() + " at " + index);
                    }

                    @Override
                    public void notDone(NotDone why) {
                        ends.add(id + " not done");
                    }

                    @Override
                    public void unknown(OutcomeUnknown why) {
                        ends.add(id + " unknown");
                    }
                },
                0);
    }

    private CompletableFuture<Payload> query(String question) {
        return stampedQuery(question).thenApply(Stamped::answer);
    }

    private CompletableFuture<Stamped> stampedQuery(String question) {
        ClientFuture<Stamped> answer = new ClientFuture<>(Stamped::new);
        Payload asked = Payload.of(question);
        applier.query(new PendingRead(asked, 0, 0, answer, null, new AtomicLong()));
        return answer.future();
    }

    @Test
    void commandsAloneReachTheStateMachineInOrder() {
        applier.apply(
                List.of(
                        entry(1, EntryKind.NO_OP, ""),
                        entry(2, EntryKind.COMMAND, "a"),
                        entry(3, EntryKind.CONFIGURATION, "x"),
                        entry(4, EntryKind.COMMAND, "b")),
                new Proposal[4]);
        applier.apply(List.of(entry(5, EntryKind.COMMAND, "c")), new Proposal[1]);
        assertThat(commands).as("before the loop runs").isEmpty();
        loop.runAll();
        assertThat(commands)
                .containsExactly(
                        new Command(new LogPosition(2, 2), 102, Payload.of("a")),
                        new Command(new LogPosition(2, 4), 104, Payload.of("b")),
                        new Command(new LogPosition(2, 5), 105, Payload.of("c")));
        assertThat(applied).containsExactly(4L, 5L);
    }

    @Test
    void theProposerGetsTheAnswerToItsOwnCommand() {
        applier.apply(
                List.of(
                        entry(1, EntryKind.COMMAND, "a"),
                        entry(2, EntryKind.COMMAND, "b"),
                        entry(3, EntryKind.COMMAND, "c")),
                new Proposal[] {proposal(7), null, proposal(8)});
        loop.runAll();
        assertThat(ends).containsExactly("7 did a at 1", "8 did c at 3");
    }

    @Test
    void aQuerySeesAllThatWasGivenBefore() {
        CompletableFuture<Payload> before = query("?");
        applier.apply(List.of(entry(1, EntryKind.COMMAND, "a")), new Proposal[1]);
        CompletableFuture<Payload> after = query("?");
        loop.runAll();
        assertThat(before.join().asLong()).isZero();
        assertThat(after.join().asLong()).isEqualTo(1);
    }

    @Test
    void anAnswerTellsHowFarInTheLogItReaches() {
        CompletableFuture<Stamped> before = stampedQuery("?");
        applier.apply(
                List.of(entry(1, EntryKind.COMMAND, "a"), entry(2, EntryKind.NO_OP, "")),
                new Proposal[2]);
        CompletableFuture<Stamped> after = stampedQuery("?");
        loop.runAll();
        assertThat(before.join().index()).isZero();
        assertThat(after.join()).isEqualTo(new Stamped(2, Payload.of(1)));
    }

    @Test
    void aLeaseThatEndedWhileTheMachineAnsweredIsNotRestedOn() {
        long[] now = {100};
        Clock clock =
                new Clock() {
                    @Override
                    public long nanoTime() {
                        return now[0];
                    }

                    @Override
                    public long wallMillis() {
                        return now[0] / 1_000_000;
                    }
                };
        Lease lease = new Lease(200, 0);
        List<String> again = new ArrayList<>();
        for (long at : new long[] {199, 200}) {
            ClientFuture<Stamped> answer = new ClientFuture<>(Stamped::new);
            PendingRead read =
                    new PendingRead(Payload.of("?"), 0, 0, answer, null, new AtomicLong());
            read.check = new LeaseCheck(lease, clock, () -> again.add("asked at " + at));
            applier.query(read);
            now[0] = at;
            loop.runAll();
            assertThat(answer.future().isDone()).isEqualTo(at == 199);
        }
        assertThat(again).containsExactly("asked at 200");
    }

    @Test
    void aReadThatEndsWhileTheMachineIsStuckWeighsUntilTheLoopHasPassedItAndIsNotAsked() {
        long weight = Entry.OVERHEAD_BYTES + 1;
        AtomicLong pending = new AtomicLong(2 * weight);
        ClientFuture<Stamped> late = new ClientFuture<>(Stamped::new);
        ClientFuture<Stamped> inTime = new ClientFuture<>(Stamped::new);
        PendingRead ended = new PendingRead(Payload.of("!"), 0, 0, late, null, pending);
        PendingRead read = new PendingRead(Payload.of("?"), 0, 0, inTime, null, pending);
        applier.query(ended);
        applier.query(read);
        ended.fail(new NotDone(NotDone.Reason.BEHIND, "its time is over"));
        ended.fail(new NotDone(NotDone.Reason.BEHIND, "a second time"));
        assertThat(late.future()).isCompletedExceptionally();
        assertThat(pending).as("both are in memory").hasValue(2 * weight);
        loop.runAll();
        assertThat(queries).as("what the machine was asked").containsExactly("?");
        assertThat(inTime.future()).isCompleted();
        assertThat(pending).hasValue(0);
    }

    @Test
    void aReadThatHasEndedIsNotGivenToTheMachineAtAll() {
        AtomicLong pending = new AtomicLong(Entry.OVERHEAD_BYTES + 1);
        PendingRead ended =
                new PendingRead(
                        Payload.of("!"), 0, 0, new ClientFuture<>(Stamped::new), null, pending);
        ended.fail(new NotDone(NotDone.Reason.BEHIND, "its time is over"));
        assertThat(pending).hasValue(0);
        applier.query(ended);
        assertThat(loop.isIdle()).isTrue();
        assertThat(pending).hasValue(0);
    }

    @Test
    void aMachineThatThrowsStopsAtThatEntryForGood() {
        applier.apply(
                List.of(
                        entry(1, EntryKind.COMMAND, "a"),
                        entry(2, EntryKind.COMMAND, "bad"),
                        entry(3, EntryKind.COMMAND, "c")),
                new Proposal[] {null, proposal(7), proposal(8)});
        applier.apply(List.of(entry(4, EntryKind.COMMAND, "d")), new Proposal[] {proposal(9)});
        CompletableFuture<Payload> read = query("?");
        loop.runAll();
        assertThat(commands).extracting(c -> c.payload().asString()).containsExactly("a");
        assertThat(applied).isEmpty();
        assertThat(ends).containsExactly("7 unknown", "8 unknown", "9 unknown");
        assertThat(faults).hasSize(1);
        assertThat(faults.get(0).code()).isEqualTo(Fault.Code.STATE_MACHINE_FAILED);
        assertThat(faults.get(0).message()).contains("entry 2:2").contains("no such command");
        assertThat(read).isCompletedExceptionally();
        assertThat(read.handle((v, e) -> ((NotDone) e.getCause()).reason()).join())
                .isEqualTo(NotDone.Reason.HALTED);
    }

    @Test
    void anEntryThatAsksForItIsAnsweredWithAHashOfAllThatWasApplied() {
        List<Entry> before =
                List.of(
                        entry(1, EntryKind.COMMAND, "a"),
                        entry(2, EntryKind.COMPARE_STATE, ""),
                        entry(3, EntryKind.COMMAND, "b"),
                        entry(4, EntryKind.COMPARE_STATE, ""));
        applier.apply(before, new Proposal[4]);
        loop.runAll();
        assertThat(hashes).extracting(StateHash::index).containsExactly(2L, 4L);
        assertThat(hashes).extracting(StateHash::machine).containsExactly(1L, 2L);
        assertThat(hashes.get(0).log()).isNotEqualTo(hashes.get(1).log());
    }

    @Test
    void aQueryThatThrowsFailsAlone() {
        CompletableFuture<Payload> bad = query("");
        CompletableFuture<Payload> good = query("?");
        loop.runAll();
        assertThat(bad.handle((v, e) -> ((NotDone) e.getCause()).reason()).join())
                .isEqualTo(NotDone.Reason.QUERY_FAILED);
        assertThat(good.join().asLong()).isZero();
        assertThat(faults).isEmpty();
    }
}
