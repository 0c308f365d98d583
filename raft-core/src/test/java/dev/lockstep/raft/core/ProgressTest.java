package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.ReplicaId;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final RaftOptions OPTIONS =
            RaftOptions.defaults().with().maxInflightMessages(3).maxInflightBytes(1_000).build();

    private final Progress progress =
            new Progress(new ReplicaId(NodeId.of("n2"), new UUID(0, 2)), 11, 0);

    /** So many empty entries, from the next index on. */
    private List<Entry> entries(int count) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(new Entry(1, progress.next() + i, EntryKind.NO_OP, 0, Payload.EMPTY));
        }
        return entries;
    }

    private void send(int count) {
        progress.sent(entries(count), 0);
    }

    @Test
    void sendsOneMessageAtATimeWhileProbing() {
        assertThat(progress.isProbing()).isTrue();
        assertThat(progress.hasRoom(OPTIONS)).isTrue();
        send(2);
        assertThat(progress.hasRoom(OPTIONS)).isFalse();
        assertThat(progress.next()).isEqualTo(11);
    }

    @Test
    void replicatesFromBehindWhatWasAccepted() {
        send(2);
        progress.accepted(12, 5);
        assertThat(progress.isProbing()).isFalse();
        assertThat(progress.match()).isEqualTo(12);
        assertThat(progress.next()).isEqualTo(13);
        assertThat(progress.hasRoom(OPTIONS)).isTrue();
    }

    @Test
    void holdsBackWhenTheWindowIsFullOfMessages() {
        progress.accepted(10, 0);
        send(1);
        send(1);
        assertThat(progress.hasRoom(OPTIONS)).isTrue();
        send(1);
        assertThat(progress.hasRoom(OPTIONS)).isFalse();
        assertThat(progress.inFlightMessages()).isEqualTo(3);
        progress.accepted(11, 0);
        assertThat(progress.hasRoom(OPTIONS)).isTrue();
    }

    @Test
    void holdsBackWhenTheWindowIsFullOfBytes() {
        progress.accepted(10, 0);
        send(16);
        assertThat(progress.inFlightBytes()).isEqualTo(16 * Entry.OVERHEAD_BYTES);
        assertThat(progress.hasRoom(OPTIONS)).isFalse();
        progress.accepted(26, 0);
        assertThat(progress.inFlightBytes()).isZero();
        assertThat(progress.hasRoom(OPTIONS)).isTrue();
    }

    @Test
    void oneAcknowledgementClearsAllThatItCovers() {
        progress.accepted(10, 0);
        send(1);
        send(1);
        send(1);
        progress.accepted(12, 0);
        assertThat(progress.inFlightMessages()).isEqualTo(1);
    }

    @Test
    void aPartOfAMessageIsStillInFlight() {
        progress.accepted(10, 0);
        send(4);
        progress.accepted(12, 0);
        assertThat(progress.match()).isEqualTo(12);
        assertThat(progress.next()).isEqualTo(15);
        assertThat(progress.inFlightMessages()).isEqualTo(1);
    }

    @Test
    void afterAFullWindowAndLostAcknowledgementsProbingRecovers() {
        progress.accepted(10, 0);
        send(1);
        send(1);
        send(1);
        assertThat(progress.isStuck(99, 100)).isFalse();
        assertThat(progress.isStuck(100, 100)).isTrue();
        progress.probeAgain();
        assertThat(progress.isProbing()).isTrue();
        assertThat(progress.next()).isEqualTo(11);
        assertThat(progress.inFlightMessages()).isZero();
        assertThat(progress.hasRoom(OPTIONS)).isTrue();
        assertThat(progress.isStuck(1_000, 100)).isFalse();
    }

    @Test
    void aLostProbeIsSentAgain() {
        send(0);
        assertThat(progress.isStuck(100, 100)).isTrue();
        progress.probeAgain();
        assertThat(progress.hasRoom(OPTIONS)).isTrue();
        assertThat(progress.next()).isEqualTo(11);
    }

    @Test
    void everyAcknowledgementGivesTheRestNewTime() {
        progress.accepted(10, 0);
        send(1);
        send(1);
        progress.accepted(11, 90);
        assertThat(progress.isStuck(100, 100)).isFalse();
        assertThat(progress.isStuck(190, 100)).isTrue();
    }

    @Test
    void nothingInFlightIsNeverStuck() {
        progress.accepted(10, 0);
        assertThat(progress.isStuck(Long.MAX_VALUE, 1)).isFalse();
    }

    @Test
    void aRejectionMovesTheProbeBackToWhereLogsMayAgree() {
        send(1);
        progress.rejected(10, 4);
        assertThat(progress.next()).isEqualTo(5);
        assertThat(progress.hasRoom(OPTIONS)).isTrue();
    }

    @Test
    void aRejectionAlwaysMovesBack() {
        send(1);
        progress.rejected(10, 10); // a hint that claims what it refuses
        assertThat(progress.next()).isEqualTo(10);
    }

    @Test
    void aRejectionOfAnotherProbeIsStale() {
        send(1);
        progress.rejected(10, 4);
        send(1);
        progress.rejected(10, 2);
        assertThat(progress.next()).isEqualTo(5);
        assertThat(progress.hasRoom(OPTIONS)).isFalse();
    }

    @Test
    void aRejectionOfWhatWasAcceptedSinceIsStale() {
        progress.accepted(10, 0);
        send(3);
        progress.rejected(10, 2);
        progress.rejected(4, 2);
        assertThat(progress.isProbing()).isFalse();
        assertThat(progress.next()).isEqualTo(14);
    }

    @Test
    void aRejectionNeverLowersMatch() {
        progress.accepted(10, 0);
        send(1);
        send(1);
        progress.rejected(11, 3);
        assertThat(progress.match()).isEqualTo(10);
        assertThat(progress.next()).isEqualTo(11);
        assertThat(progress.inFlightMessages()).isZero();
    }

    @Test
    void aRejectionIsNoMatch() {
        send(1);
        progress.rejected(10, 4);
        assertThat(progress.match()).isZero();
    }

    @Test
    void lateAndRepeatedAcknowledgementsTakeNothingBack() {
        progress.accepted(10, 0);
        send(5);
        progress.accepted(15, 0);
        progress.accepted(12, 0);
        progress.accepted(15, 0);
        progress.accepted(0, 0);
        assertThat(progress.match()).isEqualTo(15);
        assertThat(progress.next()).isEqualTo(16);
        assertThat(progress.isProbing()).isFalse();
    }

    @Test
    void anAcknowledgementBelowMatchDoesNotEndAProbe() {
        progress.accepted(10, 0);
        send(1);
        progress.probeAgain();
        progress.accepted(7, 0);
        assertThat(progress.isProbing()).isTrue();
        assertThat(progress.next()).isEqualTo(11);
    }

    @Test
    void anAcknowledgementOfWhatWasSentBeforeTheProbeEndsIt() {
        progress.accepted(10, 0);
        send(5);
        progress.probeAgain();
        send(1);
        progress.accepted(15, 0);
        assertThat(progress.isProbing()).isFalse();
        assertThat(progress.next()).isEqualTo(16);
    }

    @Test
    void sendsNothingWhileEntriesAreReadBack() {
        progress.accepted(10, 0);
        progress.loading(11);
        assertThat(progress.hasRoom(OPTIONS)).isFalse();
        assertThat(progress.loaded(11)).isTrue();
        assertThat(progress.hasRoom(OPTIONS)).isTrue();
    }

    @Test
    void anAcknowledgementThatOvertakesTheReadingOfEntriesLeavesNothingStuck() {
        progress.accepted(10, 0);
        send(5);
        progress.probeAgain();
        progress.loading(11);
        progress.accepted(15, 0); // late, of what was sent before the probe
        assertThat(progress.next()).isEqualTo(16);
        assertThat(progress.hasRoom(OPTIONS)).isTrue();
        assertThat(progress.loaded(11)).as("whether what was read is sent").isFalse();
        assertThat(progress.hasRoom(OPTIONS)).isTrue();
    }

    @Test
    void roundsNeverGoBack() {
        progress.confirmed(4);
        progress.confirmed(2);
        assertThat(progress.confirmedRound()).isEqualTo(4);
    }

    @Test
    void aWindowWithJustTheBytesThatItMayHoldIsFull() {
        RaftOptions two =
                RaftOptions.defaults().with().maxInflightBytes(2 * Entry.OVERHEAD_BYTES).build();
        progress.accepted(10, 0);
        send(1);
        assertThat(progress.hasRoom(two)).isTrue();
        send(1);
        assertThat(progress.hasRoom(two)).isFalse();
    }

    // ---- who leads better ----

    @Test
    void priorityDecidesWhoLeadsBetterAndOfEqualsTheLongerLog() {
        Progress other = new Progress(progress.replica, 11, 0);
        progress.accepted(5, 0);
        assertThat(progress.isBetterThan(other)).isTrue();
        assertThat(other.isBetterThan(progress)).isFalse();
        other.accepted(5, 0);
        assertThat(progress.isBetterThan(other)).isFalse();
        progress.accepted(9, 0);
        other.priority(1);
        assertThat(progress.isBetterThan(other)).isFalse();
        assertThat(other.isBetterThan(progress)).isTrue();
    }

    // ---- snapshots that are offered ----

    @Test
    void aSnapshotIsOfferedAgainAtOnceWhenTheLastOneHasLedSomewhere() {
        progress.accepted(10, 0);
        assertThat(progress.mayBeOffered(0, 100)).isTrue();
        progress.offered(0, 20, 15);
        assertThat(progress.mayBeOffered(99, 100)).isFalse();
        progress.accepted(10, 0);
        assertThat(progress.mayBeOffered(99, 100)).as("nothing came of it").isFalse();
        progress.accepted(11, 0);
        assertThat(progress.mayBeOffered(99, 100)).isTrue();
    }

    @Test
    void whoIsNotHeardIsOfferedASnapshotHalfAsOftenEachTime() {
        progress.offered(100, 20, 15);
        assertThat(progress.mayBeOffered(199, 100)).isFalse();
        assertThat(progress.mayBeOffered(200, 100)).isTrue();
        progress.offered(200, 20, 15);
        assertThat(progress.mayBeOffered(399, 100)).isFalse();
        assertThat(progress.mayBeOffered(400, 100)).isTrue();
        progress.offered(400, 20, 15);
        assertThat(progress.mayBeOffered(799, 100)).isFalse();
        assertThat(progress.mayBeOffered(800, 100)).isTrue();
    }

    @Test
    void whoWasHeardSinceTheLastOfferHasNoLongerToWaitThanAtFirst() {
        progress.offered(100, 20, 15);
        progress.offered(200, 20, 15);
        progress.heard(200);
        assertThat(progress.mayBeOffered(300, 100)).as("heard as it was offered").isTrue();
        progress.offered(300, 20, 15);
        assertThat(progress.mayBeOffered(400, 100)).as("and counted anew").isTrue();
    }

    @Test
    void itFetchesTheSnapshotOfferedFirstUntilThatLeadsNowhere() {
        progress.offered(0, 20, 0);
        assertThat(progress.fetching()).isEqualTo(20);
        progress.offered(1, 30, 20);
        assertThat(progress.fetching()).isEqualTo(20);
        progress.offered(2, 40, 21);
        assertThat(progress.fetching()).isEqualTo(40);
        progress.accepted(40, 3);
        assertThat(progress.fetching()).as("it has it").isZero();
    }

    @Test
    void anyOrderOfAnswersKeepsTheRules() {
        for (long seed = 1; seed <= 2_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Progress any = new Progress(progress.replica, 1 + random.nextInt(30), 0);
            long match = 0;
            for (int step = 0; step < 60; step++) {
                switch (random.nextInt(6)) {
                    case 0 -> any.accepted(random.nextInt(31), step);
                    case 1 -> any.rejected(random.nextInt(31), random.nextInt(31));
                    case 2 -> any.probeAgain();
                    case 3 -> any.loaded(random.nextInt(31));
                    default -> {
                        if (any.hasRoom(OPTIONS) && any.next() <= 30) {
                            if (random.nextInt(5) == 0) {
                                any.loading(any.next());
                            } else {
                                any.sent(
                                        List.of(
                                                new Entry(
                                                        1,
                                                        any.next(),
                                                        EntryKind.NO_OP,
                                                        0,
                                                        Payload.EMPTY)),
                                        step);
                            }
                        }
                    }
                }
                assertThat(any.match()).as("match, seed %s", seed).isGreaterThanOrEqualTo(match);
                match = any.match();
                assertThat(any.next()).as("next, seed %s", seed).isBetween(match + 1, 31L);
                assertThat(any.inFlightMessages()).as("seed %s", seed).isLessThanOrEqualTo(3);
                assertThat(any.inFlightBytes() == 0)
                        .as("bytes of an empty window, seed %s", seed)
                        .isEqualTo(any.inFlightMessages() == 0);
            }
        }
    }
}
