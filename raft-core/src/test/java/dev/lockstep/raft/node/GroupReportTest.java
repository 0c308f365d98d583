package dev.lockstep.raft.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.PeerProgress;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.spi.Command;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a group tells of itself, on real threads. */
@Timeout(60)
class GroupReportTest {
    private final ThreeHosts three =
            new ThreeHosts(
                    RaftOptions.defaults()
                            .with()
                            .electionTimeout(Duration.ofSeconds(2))
                            .proposalTimeout(Duration.ofSeconds(20))
                            .build());
    private final CountDownLatch mayApply = new CountDownLatch(1);

    @AfterEach
    void stop() throws Exception {
        mayApply.countDown();
        three.close();
    }

    /** Answers once it may. */
    private final class Waiting extends SumMachine {
        @Override
        public Payload apply(Command command) {
            try {
                mayApply.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return super.apply(command);
        }
    }

    private GroupReport report(String node) throws Exception {
        return ThreeHosts.get(three.on(node).report());
    }

    private static PeerProgress of(GroupReport report, String node) {
        return report.peers().stream()
                .filter(peer -> peer.replica().node().equals(NodeId.of(node)))
                .findAny()
                .orElseThrow();
    }

    @Test
    void aLeaderTellsHowFarEachOtherIsAndAFollowerTellsOfNobody() throws Exception {
        three.startAll(SumMachine::new);
        String leader = three.leader();
        String follower = three.follower();
        three.add(leader, 3);

        await().until(() -> report(leader).peers().stream().allMatch(p -> p.lagEntries() == 0));
        GroupReport whole = report(leader);
        assertThat(whole.status()).isEqualTo(three.on(leader).status());
        assertThat(whole.peers()).hasSize(2);
        assertThat(of(whole, follower).match()).isEqualTo(whole.status().lastIndex());
        assertThat(of(whole, follower).stage()).isEqualTo(PeerProgress.Stage.REPLICATING);
        assertThat(report(follower).peers()).isEmpty();

        three.cut(follower);
        three.add(leader, 5);
        PeerProgress lost = of(report(leader), follower);
        assertThat(lost.lagEntries()).isEqualTo(5);
        assertThat(lost.lagBytes()).isEqualTo(5L * (Entry.OVERHEAD_BYTES + 8));
        long before = lost.silentNanos();
        await().until(() -> of(report(leader), follower).silentNanos() > before);

        three.join(follower);
        await().until(() -> of(report(leader), follower).lagEntries() == 0);
    }

    @Test
    void whatIsUnderWayIsCountedUntilItEnds() throws Exception {
        three.startAll(Waiting::new);
        String leader = three.leader();
        await().until(() -> three.on(leader).status().applied() > 0); // its term's first entry
        CompletableFuture<Payload> one = three.on(leader).propose(Payload.of(1));
        CompletableFuture<Payload> two = three.on(leader).propose(Payload.of(2));
        int weight = Entry.OVERHEAD_BYTES + 8;

        await().until(() -> three.on(leader).status().backlog().unappliedBytes() >= 2L * weight);
        assertThat(three.on(leader).status().backlog())
                .isEqualTo(new GroupStatus.Backlog(2, 2L * weight, 0, 2L * weight));

        mayApply.countDown();
        ThreeHosts.get(CompletableFuture.allOf(one, two));
        await().until(
                        () ->
                                three.on(leader)
                                        .status()
                                        .backlog()
                                        .equals(new GroupStatus.Backlog(0, 0, 0, 0)));
    }

    @Test
    void uncommittedBytesAreCountedWhileNobodyAnswers() throws Exception {
        three.startAll(SumMachine::new);
        String leader = three.leader();
        three.add(leader, 1);
        three.cut(leader);
        CompletableFuture<Payload> unusedLost = three.on(leader).propose(Payload.of(1));

        await().until(
                        () ->
                                three.on(leader).status().backlog().uncommittedBytes()
                                        == Entry.OVERHEAD_BYTES + 8);
    }

    @Test
    void theSnapshotIsNamed() throws Exception {
        three.startAll(SumMachine::new);
        String leader = three.leader();
        three.add(leader, 2);
        long upTo = ThreeHosts.get(three.on(leader).snapshot());

        assertThat(report(leader).status().snapshot()).isEqualTo(upTo);
    }

    @Test
    void aFaultIsRememberedAndAClosedGroupTellsNothing() throws Exception {
        three.startAll(SumMachine::new);
        String leader = three.leader();
        String follower = three.follower();
        assertThat(three.on(follower).status().lastFault()).isNull();
        three.disk(follower).failNextSync = new IOException("no more");
        three.add(leader, 1);
        await().until(() -> three.on(follower).status().lastFault() != null);
        assertThat(three.on(follower).status().lastFault().code())
                .isEqualTo(Fault.Code.STORAGE_FAILED);
        assertThat(report(follower).peers()).isEqualTo(List.of()); // it says so all the same

        RaftGroup closed = three.on(leader);
        closed.close();
        assertThatThrownBy(() -> ThreeHosts.get(closed.report())).hasCauseInstanceOf(NotDone.class);
    }
}
