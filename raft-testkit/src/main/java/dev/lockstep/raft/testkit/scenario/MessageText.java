package dev.lockstep.raft.testkit.scenario;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.AppendRejected;
import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.InstallSnapshot;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.ReadIndexReply;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.RequestReadIndex;
import dev.lockstep.raft.message.RequestSleep;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.Resignation;
import dev.lockstep.raft.message.SleepReply;
import dev.lockstep.raft.message.StateReport;
import dev.lockstep.raft.message.StateVerdict;
import dev.lockstep.raft.message.TimeoutNow;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.StateHash;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads messages, positions and entries as scenario files write them.
 *
 * <pre>
 * prevote term=4 last=2:3        prevote-reply term=4 granted=true
 * vote term=4 last=2:3           vote-reply term=4 granted=true
 * append term=4 previous=2:3 [entries=3:4,4:5] [commit=3]
 * accepted term=4 match=5        rejected term=4 previous=3 hint=1:2
 * heartbeat term=4 [commit=3] [round=1] [cut-off]    heartbeat-reply term=4 round=1 [promise=1000000] [stalled=1500] [priority=40]
 * read-index term=4 id=7 [by-lease]         read-index-reply term=4 id=7 granted=true index=3
 * timeout-now term=4             resignation term=4
 * sleep-request term=4 last=4:5 attempt=1   sleep-reply term=4 attempt=1 [asleep]
 * forward term=4 id=7 text=x
 * install term=4 position=3:5 [base=4] [source=1]    an offer of a snapshot
 * </pre>
 *
 * An entry is written as its position, which is its command's text too; an {@code n} behind it
 * makes it a no-op, and {@code (1+2+3)} a configuration, as {@link MembershipText} writes it.
 */
final class MessageText {
    private MessageText() {}

    /** Null when the command is no message. */
    static @Nullable Message read(Command command) {
        String name = command.name();
        if (!command.has("term") || !command.has("from")) {
            return null;
        }
        long term = command.number("term");
        return switch (name) {
            case "prevote" -> new RequestPreVote(term, position(command.value("last")));
            case "prevote-reply" -> new PreVoteReply(term, granted(command));
            case "vote" -> new RequestVote(term, position(command.value("last")));
            case "vote-reply" -> new VoteReply(term, granted(command));
            case "append" ->
                    new AppendEntries(
                            term,
                            position(command.value("previous")),
                            entries(command.value("entries", "")),
                            command.number("commit", 0));
            case "accepted" -> new AppendAccepted(term, command.number("match"));
            case "rejected" ->
                    new AppendRejected(
                            term, command.number("previous"), position(command.value("hint")));
            case "heartbeat" ->
                    new Heartbeat(
                            term,
                            command.number("commit", 0),
                            command.number("round", 0),
                            command.has("cut-off"));
            case "heartbeat-reply" ->
                    new HeartbeatReply(
                            term,
                            command.number("round"),
                            command.number("promise", 0),
                            command.number("stalled", 0),
                            (int) command.number("priority", 100));
            case "read-index" ->
                    new RequestReadIndex(term, command.number("id"), command.has("by-lease"));
            case "read-index-reply" ->
                    new ReadIndexReply(
                            term,
                            command.number("id"),
                            granted(command),
                            command.number("index", 0));
            case "install" -> {
                LogPosition position = position(command.value("position"));
                yield new InstallSnapshot(
                        term,
                        position,
                        command.number("base", position.index()),
                        new ReplicaId(
                                NodeId.of(command.value("source", command.value("from"))),
                                new UUID(0, 0)));
            }
            case "resignation" -> new Resignation(term);
            case "sleep-request" ->
                    new RequestSleep(
                            term, position(command.value("last")), command.number("attempt"));
            case "sleep-reply" ->
                    new SleepReply(term, command.number("attempt"), command.has("asleep"));
            case "timeout-now" -> new TimeoutNow(term);
            case "forward" ->
                    new ForwardProposal(
                            term, command.number("id"), Payload.of(command.value("text")));
            case "state-report" -> new StateReport(term, stateHash(command));
            case "state-verdict" ->
                    new StateVerdict(
                            term,
                            StateHash.Part.valueOf(command.value("part")),
                            stateHash(command));
            default -> null;
        };
    }

    static StateHash stateHash(Command command) {
        return new StateHash(
                command.number("index"),
                command.number("log", 0),
                command.number("sessions", 0),
                command.has("machine"),
                command.number("machine", 0));
    }

    static LogPosition position(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 2) {
            throw new IllegalArgumentException("a position is term:index, not '" + text + "'");
        }
        return new LogPosition(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
    }

    static List<Entry> entries(String text) {
        List<Entry> entries = new ArrayList<>();
        for (String one : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            entries.add(entry(one));
        }
        return entries;
    }

    private static Entry entry(String text) {
        if (text.endsWith("n")) {
            LogPosition at = position(text.substring(0, text.length() - 1));
            return new Entry(at.term(), at.index(), EntryKind.NO_OP, 0, Payload.EMPTY);
        }
        if (text.endsWith(")")) {
            int members = text.indexOf('(');
            LogPosition at = position(text.substring(0, members));
            String membership = text.substring(members + 1, text.length() - 1);
            return new Entry(
                    at.term(),
                    at.index(),
                    EntryKind.CONFIGURATION,
                    0,
                    MembershipFormat.encode(MembershipText.membership(membership)));
        }
        LogPosition at = position(text);
        return new Entry(at.term(), at.index(), EntryKind.COMMAND, 0, Payload.of(at.toString()));
    }

    private static boolean granted(Command command) {
        return Boolean.parseBoolean(command.value("granted"));
    }
}
