package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.ELECTION_NANOS;
import static dev.lockstep.raft.core.CoreProbe.HEARTBEAT_NANOS;
import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.model.PeerProgress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Appends that the transport didn't take. */
class UnsentTest {
    private final CoreProbe probe = CoreProbe.settledLeader(3, 5);

    private AppendEntries sentBehind(long previous) {
        List<AppendEntries> sent = probe.sentTo(2, AppendEntries.class);
        assertThat(sent).isNotEmpty();
        assertThat(sent.get(0).previous()).isEqualTo(at(5, previous));
        return sent.get(0);
    }

    private void heartbeat() {
        probe.passTime(HEARTBEAT_NANOS);
        probe.receive(3, new HeartbeatReply(5, 0));
        probe.receive(2, new HeartbeatReply(5, 0));
    }

    private PeerProgress second() {
        return probe.core.peers(0).stream()
                .filter(peer -> peer.replica().equals(id(2)))
                .findAny()
                .orElseThrow();
    }

    @Test
    void anAppendThatWasNotSentIsNotOnItsWayAndLeavesWithTheNextHeartbeat() {
        probe.propose(1);
        AppendEntries refused = sentBehind(1);
        probe.event(new Event.Unsent(id(2), refused));
        assertThat(second().inFlightBytes()).isZero();
        probe.propose(2);
        assertThat(probe.sentTo(2, AppendEntries.class))
                .as("it is not tried again and again")
                .isEmpty();
        heartbeat();
        assertThat(sentBehind(1).entries()).hasSize(2);
    }

    @Test
    void whatWasSentBehindItIsSentAgain() {
        probe.propose(1);
        probe.propose(2);
        List<AppendEntries> sent = probe.sentTo(2, AppendEntries.class);
        assertThat(sent).hasSize(2);
        probe.event(new Event.Unsent(id(2), sent.get(0))); // the second one was taken
        probe.event(new Event.Unsent(id(2), sent.get(1)));
        assertThat(second().inFlightBytes()).isZero();
        heartbeat();
        assertThat(sentBehind(1).entries()).hasSize(2);
    }

    @Test
    void anAcknowledgementOfWhatWasSentBeforeShowsThatThereIsRoom() {
        probe.propose(1);
        sentBehind(1);
        probe.propose(2);
        probe.event(new Event.Unsent(id(2), sentBehind(2)));
        probe.receive(2, new AppendAccepted(5, 2));
        assertThat(sentBehind(2).entries()).hasSize(1);
    }

    @Test
    void whoIsNotConnectedIsTriedAsRarelyAsWhoDoesNotAnswer() {
        probe.event(new Event.Disconnected(id(2).node()));
        probe.propose(1);
        probe.event(new Event.Unsent(id(2), sentBehind(1)));
        long passed = 0;
        while (passed + HEARTBEAT_NANOS < ELECTION_NANOS / 2) {
            probe.passTime(HEARTBEAT_NANOS);
            probe.receive(3, new HeartbeatReply(5, 0));
            passed += HEARTBEAT_NANOS;
            assertThat(probe.sentTo(2, AppendEntries.class)).isEmpty();
        }
        probe.passTime(HEARTBEAT_NANOS);
        sentBehind(1);
        probe.event(new Event.Connected(id(2).node()));
        sentBehind(1);
    }

    @Test
    void aProbeThatWasNotSentIsTriedAgain() {
        probe.event(new Event.Connected(id(2).node()));
        probe.event(new Event.Unsent(id(2), sentBehind(1)));
        assertThat(probe.sentTo(2, AppendEntries.class)).isEmpty();
        heartbeat();
        sentBehind(1);
    }

    @Test
    void lateNewsOfWhatWasAcceptedSinceOrOfAnotherTermChangesNothing() {
        probe.propose(1);
        AppendEntries first = sentBehind(1);
        probe.receive(2, new AppendAccepted(5, 2));
        probe.event(new Event.Unsent(id(2), first));
        probe.propose(2);
        AppendEntries second = sentBehind(2);
        probe.event(
                new Event.Unsent(
                        id(2), new AppendEntries(4, at(3, 2), second.entries().subList(0, 0), 0)));
        probe.propose(3);
        sentBehind(3);
    }
}
