package dev.lockstep.raft.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RecentError;
import dev.lockstep.raft.spi.Clock;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RecentErrorsTest {
    private static final GroupId GROUP = GroupId.of("g");
    private long nowMillis = 1000;
    private final RecentErrors errors =
            new RecentErrors(
                    new Clock() {
                        @Override
                        public long nanoTime() {
                            return 0;
                        }

                        @Override
                        public long wallMillis() {
                            return nowMillis++;
                        }
                    });

    @Test
    void whatIsOverIsNoError() {
        errors.diskFull(null);
        errors.warned(GROUP, null);
        assertThat(errors.list()).isEmpty();
    }

    @Test
    void everyKindIsNamedWithItsTime() {
        errors.halted(GROUP, new Fault(Fault.Code.LOG_GAP, "gone"));
        errors.snapshotFailed(GROUP, new LogPosition(1, 1), new IOException("no"));
        errors.statesDiffer(GROUP, 7, "n1=1 n2=2");
        errors.loopStalled("log", Duration.ofSeconds(1), "a.B.c(B.java:1)\nd.E.f(E.java:2)");

        assertThat(errors.list())
                .containsExactly(
                        new RecentError(1000, 1, GROUP, "LOG_GAP", "gone"),
                        new RecentError(
                                1001,
                                1,
                                GROUP,
                                "SNAPSHOT_FAILED",
                                "no snapshot could be taken: java.io.IOException: no"),
                        new RecentError(
                                1002,
                                1,
                                GROUP,
                                "STATES_DIFFER",
                                "replicas differ at index 7: n1=1 n2=2"),
                        new RecentError(
                                1003,
                                1,
                                null,
                                "LOOP_STALLED",
                                "loop log was blocked in a.B.c(B.java:1)"));
    }

    @Test
    void theSameAgainCountsOnceAndComesLast() {
        Fault same = new Fault(Fault.Code.WRONG_PEER, "who is that");
        errors.peerRefused(NodeId.of("n2"), same);
        errors.halted(GROUP, new Fault(Fault.Code.BUG, "x"));
        errors.peerRefused(NodeId.of("n2"), same);

        assertThat(errors.list())
                .extracting(RecentError::code, RecentError::times, RecentError::atMillis)
                .containsExactly(tuple("BUG", 1, 1001L), tuple("WRONG_PEER", 2, 1002L));
    }

    @Test
    void onlyTheLatestAreKept() {
        for (int i = 0; i < 100; i++) {
            errors.halted(GROUP, new Fault(Fault.Code.BUG, "bug " + i));
        }
        assertThat(errors.list()).hasSize(16);
        assertThat(errors.list().get(15).message()).isEqualTo("bug 99");
    }
}
