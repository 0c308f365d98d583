package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.AppendRejected;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.PeerProgress;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotMeta;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a leader tells of the others when it is asked. */
class PeerReportTest {
    private static final RaftOptions OPTIONS = RaftOptions.defaults();
    private static final int ENTRY = Entry.OVERHEAD_BYTES + 8;

    private final Driven n1 = new Driven(OPTIONS, 1, List.of(new LogPosition(1, 1)), 3);

    private PeerProgress of(ReplicaId peer, long nowNanos) {
        return n1.core.peers(nowNanos).stream()
                .filter(each -> each.replica().equals(peer))
                .findAny()
                .orElseThrow();
    }

    private void leadAndPropose() {
        n1.lead();
        n1.drain();
        n1.receive(Driven.N2, new AppendAccepted(n1.core.term(), 4, 0));
        for (int i = 0; i < 2; i++) {
            n1.step(new Event.Propose(Ticket.local(i), EntryKind.COMMAND, Payload.of(1)));
            n1.drain();
        }
    }

    @Test
    void whoDoesNotLeadTellsOfNobody() {
        assertThat(n1.core.peers(0)).isEmpty();
        assertThat(n1.core.uncommittedBytes()).isZero();
    }

    @Test
    void whatIsOnItsWayAndWhatLagsIsCounted() {
        leadAndPropose();

        PeerProgress n2 = of(Driven.N2, 0);
        assertThat(n2.stage()).isEqualTo(PeerProgress.Stage.REPLICATING);
        assertThat(n2.voter()).isTrue();
        assertThat(n2.reachable()).isTrue();
        assertThat(n2.match()).isEqualTo(4);
        assertThat(n2.next()).isEqualTo(7);
        assertThat(n2.lagEntries()).isEqualTo(2);
        assertThat(n2.lagBytes()).isEqualTo(2L * ENTRY);
        assertThat(n2.inFlightMessages()).isEqualTo(2);
        assertThat(n2.inFlightBytes()).isEqualTo(2L * ENTRY);
        assertThat(n1.core.uncommittedBytes()).isEqualTo(2L * ENTRY);

        n1.receive(Driven.N2, new AppendAccepted(n1.core.term(), 6, 77));
        n1.drain();
        n2 = of(Driven.N2, 0);
        assertThat(n2.lagEntries()).isZero();
        assertThat(n2.lagBytes()).isZero();
        assertThat(n2.inFlightMessages()).isZero();
        assertThat(n2.inFlightBytes()).isZero();
        assertThat(n2.stalledMillis()).isEqualTo(77);
        assertThat(n1.core.uncommittedBytes()).isZero();
    }

    @Test
    void whoHasAnsweredNothingIsProbedAndItsLagBeyondTheMemoryIsNotKnownInBytes() {
        leadAndPropose();
        n1.step(new Event.Disconnected(Driven.N3.node()));

        PeerProgress n3 = of(Driven.N3, 0);
        assertThat(n3.stage()).isEqualTo(PeerProgress.Stage.PROBING);
        assertThat(n3.reachable()).isFalse();
        assertThat(n3.match()).isZero();
        assertThat(n3.lagEntries()).isEqualTo(6);
        assertThat(n3.lagBytes()).isEqualTo(PeerProgress.UNKNOWN);
    }

    @Test
    void silenceIsCountedFromTheLastMessage() {
        leadAndPropose();
        n1.pass(5_000_000);
        n1.receive(Driven.N2, new AppendAccepted(n1.core.term(), 6, 0));
        long now = of(Driven.N3, Long.MAX_VALUE / 2).silentNanos();
        long less = of(Driven.N2, Long.MAX_VALUE / 2).silentNanos();

        assertThat(now - less).isEqualTo(5_000_000);
        assertThat(of(Driven.N2, 0).silentNanos()).isZero(); // of a time before that
    }

    @Test
    void whoNeedsWhatTheLogDoesNotHoldAnyMoreIsAtTheSnapshot() {
        SnapshotMeta snapshot =
                new SnapshotMeta(
                        new LogPosition(1, 10),
                        0,
                        Membership.ofVoters(List.of(Driven.N1, Driven.N2, Driven.N3)),
                        0);
        Driven compacted = new Driven(OPTIONS, 1, snapshot, List.of(new LogPosition(1, 11)), 12);
        compacted.lead();
        AppendEntries probe = Driven.sent(AppendEntries.class, Driven.N2, compacted.drain()).get(0);
        compacted.receive(
                Driven.N2,
                new AppendRejected(
                        compacted.core.term(), probe.previous().index(), LogPosition.ZERO));
        compacted.drain();

        PeerProgress n2 =
                compacted.core.peers(0).stream()
                        .filter(each -> each.replica().equals(Driven.N2))
                        .findAny()
                        .orElseThrow();
        assertThat(n2.stage()).isEqualTo(PeerProgress.Stage.SNAPSHOT);
        assertThat(compacted.core.snapshotIndex()).isEqualTo(10);
    }
}
