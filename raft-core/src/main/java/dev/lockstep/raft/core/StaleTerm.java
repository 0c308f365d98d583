package dev.lockstep.raft.core;

import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.AppendRejected;
import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.InstallPosition;
import dev.lockstep.raft.message.InstallSnapshot;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.ReadIndexReply;
import dev.lockstep.raft.message.RequestReadIndex;
import dev.lockstep.raft.message.RequestSleep;
import dev.lockstep.raft.message.SleepReply;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.ReplicaId;

/**
 * Messages of an older term. Requests are answered with the current term: a leader of an older term
 * learns so that there is a later one, even from a server that no election made known to it, and
 * steps down (§3.3). Replies speak of a question that no longer stands, and are dropped.
 */
final class StaleTerm {
    private StaleTerm() {}

    static void answer(RaftCore core, ReplicaId from, Message message) {
        if (message instanceof AppendEntries append) {
            core.outbox.send(
                    from,
                    new AppendRejected(core.term(), append.previous().index(), LogPosition.ZERO));
        } else if (message instanceof Heartbeat heartbeat) {
            core.outbox.send(from, new HeartbeatReply(core.term(), heartbeat.round()));
        } else if (message instanceof InstallSnapshot offer) {
            core.outbox.send(
                    from,
                    new AppendRejected(core.term(), offer.position().index(), LogPosition.ZERO));
        } else if (message instanceof InstallPosition offer) {
            core.outbox.send(
                    from,
                    new AppendRejected(
                            core.term(), offer.meta().position().index(), LogPosition.ZERO));
        } else if (message instanceof RequestSleep request) {
            core.outbox.send(from, new SleepReply(core.term(), request.attempt(), false));
        } else if (message instanceof RequestReadIndex request) {
            core.outbox.send(from, new ReadIndexReply(core.term(), request.id(), false, 0));
        } else if (message instanceof ForwardProposal forward) {
            core.outbox.add(
                    new Effect.Refused(
                            new Ticket(from, forward.id()), Effect.Refused.Reason.NO_LEADER));
        }
    }
}
