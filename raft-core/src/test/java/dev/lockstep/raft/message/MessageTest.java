package dev.lockstep.raft.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.StateHash;
import java.util.List;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

class MessageTest {
    private static Entry entry(long term, long index) {
        return new Entry(term, index, EntryKind.COMMAND, 0, Payload.EMPTY);
    }

    private static AppendEntries append(long term, LogPosition previous, Entry... entries) {
        return new AppendEntries(term, previous, List.of(entries), 0);
    }

    @Test
    void everyMessageThatHasATermNeedsOne() {
        List<LongFunction<Message>> all =
                List.of(
                        term -> new RequestVote(term, LogPosition.ZERO),
                        term -> new VoteReply(term, true),
                        term -> new RequestPreVote(term, LogPosition.ZERO),
                        term -> append(term, LogPosition.ZERO),
                        term -> new AppendAccepted(term, 0),
                        term -> new AppendRejected(term, 0, LogPosition.ZERO),
                        term -> new Heartbeat(term, 0, 0),
                        term -> new HeartbeatReply(term, 0),
                        term -> new RequestReadIndex(term, 0),
                        term -> new ReadIndexReply(term, 0, false, 0),
                        term -> new ForwardProposal(term, 0, Payload.EMPTY),
                        term -> new StateReport(term, new StateHash(1, 2, 3, true, 4)),
                        term ->
                                new StateVerdict(
                                        term, StateHash.Part.LOG, new StateHash(1, 2, 3, true, 4)),
                        term ->
                                new ProposalReply(
                                        term, 0, ProposalReply.Outcome.DONE, 0, Payload.EMPTY));
        for (LongFunction<Message> kind : all) {
            assertThat(kind.apply(1).term()).isEqualTo(1);
            for (long bad : new long[] {0, -1, Long.MIN_VALUE}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> kind.apply(bad))
                        .withMessage("term must be at least 1: " + bad);
            }
        }
    }

    @Test
    void noIndexIsNegative() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AppendAccepted(1, -1))
                .withMessage("match must not be negative: -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AppendRejected(1, -1, LogPosition.ZERO))
                .withMessage("previous must not be negative: -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Heartbeat(1, -1, 0))
                .withMessage("commit must not be negative: -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ReadIndexReply(1, 1, true, -1))
                .withMessage("index must not be negative: -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AppendEntries(1, LogPosition.ZERO, List.of(), -1))
                .withMessage("commit must not be negative: -1");
    }

    @Test
    void entriesFollowThePreviousOneWithoutAGap() {
        assertThat(append(4, new LogPosition(2, 7), entry(2, 8), entry(4, 9)).lastIndex())
                .isEqualTo(9);
        assertThat(append(4, new LogPosition(2, 7)).lastIndex()).isEqualTo(7);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> append(4, new LogPosition(2, 7), entry(2, 9)))
                .withMessage("COMMAND@2:9 can't follow 2:7 in an append of term 4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> append(4, new LogPosition(2, 7), entry(2, 8), entry(2, 8)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> append(4, LogPosition.ZERO, entry(2, 2)));
    }

    @Test
    void termsInAnAppendNeverGoBackNorBeyondItsOwn() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> append(4, new LogPosition(3, 7), entry(2, 8)))
                .withMessageContaining("can't follow 3:7");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> append(4, new LogPosition(3, 7), entry(4, 8), entry(3, 9)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> append(4, new LogPosition(3, 7), entry(5, 8)));
    }

    @Test
    void anAppendShowsItsEndsOnly() {
        assertThat(append(4, LogPosition.ZERO))
                .hasToString("AppendEntries(term=4, previous=0:0, entries=none, commit=0)");
        assertThat(append(4, LogPosition.ZERO, entry(1, 1), entry(1, 2), entry(4, 3)).toString())
                .contains("entries=COMMAND@1:1..COMMAND@4:3,");
    }

    @Test
    void foundersAreTheSameInWhateverOrder() {
        FoundingState one = new FoundingState(List.of(NodeId.of("b"), NodeId.of("a")), null, false);
        assertThat(one.initialNodes()).containsExactly(NodeId.of("a"), NodeId.of("b"));
        assertThat(one.term()).isZero();
    }
}
