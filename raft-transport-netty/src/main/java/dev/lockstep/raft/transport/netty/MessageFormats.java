package dev.lockstep.raft.transport.netty;

import static com.google.protobuf.WireFormat.WIRETYPE_FIXED64;
import static com.google.protobuf.WireFormat.WIRETYPE_LENGTH_DELIMITED;
import static com.google.protobuf.WireFormat.WIRETYPE_VARINT;
import static dev.lockstep.raft.transport.netty.AppendEntriesFormat.position;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.AppendRejected;
import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.message.FoundingState;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.ProposalReply;
import dev.lockstep.raft.message.ReadIndexReply;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.RequestReadIndex;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.Resignation;
import dev.lockstep.raft.message.StateReport;
import dev.lockstep.raft.message.StateVerdict;
import dev.lockstep.raft.message.TimeoutNow;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The format of each kind of message, by its class and by its field number in an envelope. Formats
 * keep scratch space, so each loop has its own.
 */
final class MessageFormats {
    private static final int HIGHEST_FIELD = 48;
    private static final ProposalReply.Outcome[] OUTCOMES = {
        null, // by code, which starts at 1
        ProposalReply.Outcome.DONE,
        ProposalReply.Outcome.NOT_LEADER,
        ProposalReply.Outcome.OVERLOADED,
        ProposalReply.Outcome.NOT_DONE,
        ProposalReply.Outcome.UNKNOWN,
        ProposalReply.Outcome.DISK_FULL
    };

    private final Map<Class<?>, Numbered<?>> byClass = new HashMap<>();
    private final @Nullable MessageFormat<?>[] byField = new MessageFormat<?>[HIGHEST_FIELD + 1];

    /** A format and its field number in an envelope. */
    record Numbered<M extends Message>(int field, MessageFormat<M> format) {}

    MessageFormats() {
        add(6, AppendEntries.class, new AppendEntriesFormat());
        addReplication();
        addReadsAndProposals();
        addElections();
        SnapshotFormats.addTo(this);
        add(20, FoundingState.class, new FoundingStateFormat());
        add(35, StateReport.class, StateFormats.report());
        add(36, StateVerdict.class, StateFormats.verdict());
        RepairFormats.addTo(this);
        SleepFormats.addTo(this);
    }

    private void addReplication() {
        flat(
                7,
                AppendAccepted.class,
                varints(3),
                (m, out) -> {
                    out.varint(1, m.term());
                    out.varint(2, m.match());
                    out.varint(3, m.stalledMillis());
                },
                in -> new AppendAccepted(in.number(1), in.number(2), in.number(3)));
        flat(
                8,
                AppendRejected.class,
                varints(4),
                (m, out) -> {
                    out.varint(1, m.term());
                    out.varint(2, m.previous());
                    out.varint(3, m.hint().term());
                    out.varint(4, m.hint().index());
                },
                in ->
                        new AppendRejected(
                                in.number(1), in.number(2), position(in.number(3), in.number(4))));
        flat(
                9,
                Heartbeat.class,
                varints(4),
                (m, out) -> {
                    out.varint(1, m.term());
                    out.varint(2, m.commit());
                    out.varint(3, m.round());
                    out.bool(4, m.cutOff());
                },
                in -> new Heartbeat(in.number(1), in.number(2), in.number(3), in.flag(4)));
        flat(
                10,
                HeartbeatReply.class,
                varints(5),
                (m, out) -> {
                    out.varint(1, m.term());
                    out.varint(2, m.round());
                    out.varint(3, m.promiseNanos());
                    out.varint(4, m.stalledMillis());
                    out.varint(5, m.priority());
                },
                in ->
                        new HeartbeatReply(
                                in.number(1),
                                in.number(2),
                                in.number(3),
                                in.number(4),
                                (int) in.number(5)));
    }

    private void addReadsAndProposals() {
        flat(
                11,
                RequestReadIndex.class,
                new Fields(WIRETYPE_VARINT, WIRETYPE_FIXED64, WIRETYPE_VARINT),
                (m, out) -> {
                    out.varint(1, m.term());
                    out.fixed64(2, m.id());
                    out.bool(3, m.byLease());
                },
                in -> new RequestReadIndex(in.number(1), in.number(2), in.flag(3)));
        flat(
                12,
                ReadIndexReply.class,
                new Fields(WIRETYPE_VARINT, WIRETYPE_FIXED64, WIRETYPE_VARINT, WIRETYPE_VARINT),
                (m, out) -> {
                    out.varint(1, m.term());
                    out.fixed64(2, m.id());
                    out.bool(3, m.granted());
                    out.varint(4, m.index());
                },
                in -> new ReadIndexReply(in.number(1), in.number(2), in.flag(3), in.number(4)));
        flat(
                13,
                ForwardProposal.class,
                new Fields(
                        WIRETYPE_VARINT,
                        WIRETYPE_FIXED64,
                        WIRETYPE_LENGTH_DELIMITED,
                        WIRETYPE_VARINT),
                (m, out) -> {
                    out.varint(1, m.term());
                    out.fixed64(2, m.id());
                    out.payload(3, m.payload());
                    out.varint(4, m.kind() == EntryKind.COMMAND ? 0 : m.kind().code());
                },
                in ->
                        new ForwardProposal(
                                in.number(1),
                                in.number(2),
                                forwardedKind(in.number(4)),
                                in.payload()));
        flat(
                14,
                ProposalReply.class,
                new Fields(
                        WIRETYPE_VARINT,
                        WIRETYPE_FIXED64,
                        WIRETYPE_VARINT,
                        WIRETYPE_LENGTH_DELIMITED,
                        WIRETYPE_VARINT),
                (m, out) -> {
                    out.varint(1, m.term());
                    out.fixed64(2, m.id());
                    out.varint(3, code(m.outcome()));
                    out.payload(4, m.result());
                    out.varint(5, m.index());
                },
                in ->
                        new ProposalReply(
                                in.number(1),
                                in.number(2),
                                outcome(in.number(3)),
                                in.number(5),
                                in.payload()));
    }

    private void addElections() {
        flat(
                16,
                RequestPreVote.class,
                varints(3),
                (m, out) -> {
                    out.varint(1, m.term());
                    out.varint(2, m.last().term());
                    out.varint(3, m.last().index());
                },
                in -> new RequestPreVote(in.number(1), position(in.number(2), in.number(3))));
        flat(
                17,
                PreVoteReply.class,
                new Fields(
                        WIRETYPE_VARINT,
                        WIRETYPE_VARINT,
                        WIRETYPE_LENGTH_DELIMITED,
                        WIRETYPE_VARINT),
                (m, out) -> {
                    out.varint(1, m.term());
                    out.bool(2, m.granted());
                    NodeId leader = m.leader();
                    out.payload(3, leader == null ? Payload.EMPTY : Payload.of(leader.value()));
                    out.bool(4, m.leaderHasQuorum());
                },
                in -> {
                    String leader = in.payload().asString();
                    return new PreVoteReply(
                            in.number(1),
                            in.flag(2),
                            leader.isEmpty() ? null : NodeId.of(leader),
                            in.flag(4));
                });
        flat(
                18,
                RequestVote.class,
                varints(4),
                (m, out) -> {
                    out.varint(1, m.term());
                    out.varint(2, m.last().term());
                    out.varint(3, m.last().index());
                    out.bool(4, m.transfer());
                },
                in ->
                        new RequestVote(
                                in.number(1), position(in.number(2), in.number(3)), in.flag(4)));
        flat(
                19,
                VoteReply.class,
                varints(2),
                (m, out) -> {
                    out.varint(1, m.term());
                    out.bool(2, m.granted());
                },
                in -> new VoteReply(in.number(1), in.flag(2)));
        flat(
                21,
                TimeoutNow.class,
                varints(1),
                (m, out) -> out.varint(1, m.term()),
                in -> new TimeoutNow(in.number(1)));
        flat(
                30,
                Resignation.class,
                varints(1),
                (m, out) -> out.varint(1, m.term()),
                in -> new Resignation(in.number(1)));
    }

    /** The number and format of this message's kind. */
    @SuppressWarnings("unchecked") // add() puts nothing else under the message's class
    Numbered<Message> of(Message message) {
        Numbered<?> found = byClass.get(message.getClass());
        if (found == null) {
            throw new IllegalStateException(message.getClass() + " has no wire format");
        }
        return (Numbered<Message>) found;
    }

    /** Null when no kind of this version has the number. */
    @Nullable MessageFormat<?> of(int field) {
        return field <= HIGHEST_FIELD ? byField[field] : null;
    }

    <M extends Message> void flat(
            int field,
            Class<M> type,
            Fields fields,
            MessageFormat.Writer<M> writer,
            MessageFormat.Reader<M> reader) {
        add(field, type, new MessageFormat.Flat<>(fields, writer, reader));
    }

    private <M extends Message> void add(int field, Class<M> type, MessageFormat<M> format) {
        byClass.put(type, new Numbered<>(field, format));
        byField[field] = format;
    }

    static Fields varints(int count) {
        return new Fields(new int[count]); // WIRETYPE_VARINT is 0
    }

    /** Commands, which are most, leave it out. */
    private static EntryKind forwardedKind(long code) throws UnknownContent {
        return code == 0 ? EntryKind.COMMAND : AppendEntriesFormat.kind(code);
    }

    private static int code(ProposalReply.Outcome outcome) {
        return switch (outcome) {
            case DONE -> 1;
            case NOT_LEADER -> 2;
            case OVERLOADED -> 3;
            case NOT_DONE -> 4;
            case UNKNOWN -> 5;
            case DISK_FULL -> 6;
        };
    }

    private static ProposalReply.Outcome outcome(long code) throws UnknownContent {
        if (code < 1 || code >= OUTCOMES.length) {
            throw new UnknownContent("a proposal's reply with outcome " + code);
        }
        return OUTCOMES[(int) code];
    }
}
