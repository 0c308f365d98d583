package dev.lockstep.raft.message;

/**
 * Everything that one replica says to another of its group. The wire format is in {@code
 * lockstep.proto}.
 */
public sealed interface Message
        permits FoundingState,
                RequestPreVote,
                PreVoteReply,
                RequestVote,
                VoteReply,
                AppendEntries,
                AppendAccepted,
                AppendRejected,
                Heartbeat,
                HeartbeatReply,
                RequestReadIndex,
                ReadIndexReply,
                ForwardProposal,
                ProposalReply,
                Resignation,
                TimeoutNow,
                InstallSnapshot,
                InstallPosition,
                FetchSnapshot,
                SnapshotChunk,
                FetchEntry,
                EntryCopy,
                RequestSleep,
                SleepReply,
                HostQuestion,
                HostAnswer,
                StateReport,
                StateVerdict {
    /** The sender's term; 0 in the messages that are outside of every term. */
    long term();
}
