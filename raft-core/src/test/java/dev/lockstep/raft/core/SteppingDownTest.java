package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.at;
import static dev.lockstep.raft.core.CoreProbe.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.Role;
import org.junit.jupiter.api.Test;

/** What meets a leader that has just learned of a later term. */
class SteppingDownTest {
    /** An entry of the later term would claim to be that term's leader's (§3.5, log matching). */
    @Test
    void aProposalRightBehindAHigherTermIsNotStampedWithIt() {
        CoreProbe probe = CoreProbe.settledLeader(3, 4);
        probe.step(new Event.Received(id(2), new HeartbeatReply(9, 1)));
        probe.step(new Event.Propose(Ticket.local(7), Payload.of(7)));
        probe.drain();
        assertThat(probe.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(probe.core.last()).isEqualTo(at(4, 1));
        assertThat(probe.effects(Effect.Admitted.class)).isEmpty();
        assertThat(probe.effects(Effect.Refused.class)).hasSize(1);
    }

    @Test
    void aProposalRightBeforeAHigherTermKeepsTheTermInWhichItWasMade() {
        CoreProbe probe = CoreProbe.settledLeader(3, 4);
        probe.step(new Event.Propose(Ticket.local(7), Payload.of(7)));
        probe.step(new Event.Received(id(2), new HeartbeatReply(9, 1)));
        probe.drain();
        assertThat(probe.core.term()).isEqualTo(9);
        assertThat(probe.core.last()).isEqualTo(at(4, 2));
    }
}
