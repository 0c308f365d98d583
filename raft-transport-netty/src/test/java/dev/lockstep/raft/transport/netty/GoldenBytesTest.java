package dev.lockstep.raft.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.AppendRejected;
import dev.lockstep.raft.message.EntryCopy;
import dev.lockstep.raft.message.FetchEntry;
import dev.lockstep.raft.message.FetchSnapshot;
import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.message.FoundingState;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.HeartbeatReply;
import dev.lockstep.raft.message.HostAnswer;
import dev.lockstep.raft.message.HostQuestion;
import dev.lockstep.raft.message.InstallPosition;
import dev.lockstep.raft.message.InstallSnapshot;
import dev.lockstep.raft.message.LeaderClaim;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.PreVoteReply;
import dev.lockstep.raft.message.ProposalReply;
import dev.lockstep.raft.message.ReadIndexReply;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.RequestReadIndex;
import dev.lockstep.raft.message.RequestSleep;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.Resignation;
import dev.lockstep.raft.message.SleepReply;
import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.message.StateReport;
import dev.lockstep.raft.message.StateVerdict;
import dev.lockstep.raft.message.TimeoutNow;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import dev.lockstep.raft.model.StateHash;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.transport.netty.wire.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The committed bytes of every frame. They may gain lines; a line that changes breaks every running
 * cluster. {@code -Dlockstep.golden.write=true} writes the file anew.
 *
 * <p>Each line also says what the classes generated from the .proto file read in the bytes: a field
 * that our own codec mixed up on both sides would show there.
 */
class GoldenBytesTest {
    private static final Path RESOURCE = Path.of("src/test/resources/wire-v1.txt");
    private static final NodeId N1 = NodeId.of("n1");
    private static final NodeId N2 = NodeId.of("n2");
    private static final UUID ONE = new UUID(0x1111_2222_3333_4444L, 0x5555_6666_7777_8888L);
    private static final UUID TWO = new UUID(0x0102_0304_0506_0708L, 0x090a_0b0c_0d0e_0f10L);
    private static final HostIdentity HOST_1 =
            new HostIdentity(new ClusterId("demo"), N1, ONE, 3, 0x0abc);
    private static final HostIdentity HOST_2 =
            new HostIdentity(new ClusterId("demo"), N2, TWO, 300, -1);

    private final Codec codec = new Codec();

    @Test
    void everyFrameHasTheCommittedBytes() throws IOException {
        Map<String, Line> actual = new LinkedHashMap<>();
        for (Map.Entry<String, byte[]> frame : handshakes().entrySet()) {
            actual.put(frame.getKey(), Line.of(frame.getValue()));
        }
        for (Map.Entry<String, Message> message : messages().entrySet()) {
            actual.put(message.getKey(), Line.of(codec.encode(envelope(message.getValue()))));
        }
        if (Boolean.getBoolean("lockstep.golden.write")) {
            write(actual);
        }
        assertThat(actual).containsExactlyEntriesOf(committed());
    }

    @Test
    void theGeneratedClassesReadTheCommittedBytes() throws IOException {
        for (Map.Entry<String, Line> line : committed().entrySet()) {
            byte[] body = line.getValue().body();
            Wire.Frame wire = Wire.Frame.parseFrom(body);
            assertThat(wire.toByteArray()).as(line.getKey()).isEqualTo(body);
            assertThat(wire.getUnknownFields().asMap()).as(line.getKey()).isEmpty();
        }
    }

    @Test
    void theCommittedBytesAreReadAsWhatTheyWere() throws IOException {
        Map<String, Line> committed = committed();
        for (Map.Entry<String, Message> line : messages().entrySet()) {
            byte[] body = committed.get(line.getKey()).body();
            assertThat(codec.decodeEnvelope(body))
                    .as(line.getKey())
                    .isEqualTo(envelope(line.getValue()));
        }
        assertThat(codec.decode(committed.get("Hello").body()))
                .isEqualTo(new Frame.Hello(1, 1, HOST_1, N2, 0x77, 2000));
        assertThat(codec.decode(committed.get("HelloAck").body()))
                .isEqualTo(new Frame.HelloAck(1, HOST_2, 0x77));
        assertThat(codec.decode(committed.get("Ping").body())).isEqualTo(Frame.Signal.PING);
        assertThat(codec.decode(committed.get("Pong").body())).isEqualTo(Frame.Signal.PONG);
    }

    @Test
    void everyKindOfMessageIsCommitted() {
        assertThat(messages().values().stream().<Class<?>>map(Object::getClass).distinct())
                .containsExactlyInAnyOrder(
                        Arrays.stream(Message.class.getPermittedSubclasses())
                                .toArray(Class<?>[]::new));
    }

    private static Map<String, byte[]> handshakes() {
        Map<String, byte[]> frames = new LinkedHashMap<>();
        frames.put("Hello", HandshakeFrames.encode(new Frame.Hello(1, 1, HOST_1, N2, 0x77, 2000)));
        frames.put("HelloAck", HandshakeFrames.encode(new Frame.HelloAck(1, HOST_2, 0x77)));
        frames.put("Refusal", refusal(Fault.Code.WRONG_PEER));
        frames.put("Refusal.version", refusal(Fault.Code.INCOMPATIBLE_VERSION));
        frames.put("Refusal.reverted", refusal(Fault.Code.LOG_REVERTED));
        frames.put("Refusal.storage", refusal(Fault.Code.STORAGE_FAILED));
        frames.put("Ping", HandshakeFrames.encode(Frame.Signal.PING));
        frames.put("Pong", HandshakeFrames.encode(Frame.Signal.PONG));
        return frames;
    }

    private static byte[] refusal(Fault.Code code) {
        return HandshakeFrames.encode(new Frame.Refusal(new Fault(code, "why")));
    }

    private static Map<String, Message> messages() {
        LogPosition at = new LogPosition(5, 300);
        Map<String, Message> messages = new LinkedHashMap<>();
        messages.put(
                "AppendEntries",
                new AppendEntries(
                        6,
                        at,
                        List.of(
                                new Entry(
                                        6, 301, EntryKind.NO_OP, 1_700_000_000_000L, Payload.EMPTY),
                                new Entry(
                                        6,
                                        302,
                                        EntryKind.COMMAND,
                                        1_700_000_000_001L,
                                        Payload.of("x=1")),
                                new Entry(
                                        6,
                                        303,
                                        EntryKind.CONFIGURATION,
                                        1_700_000_000_001L,
                                        Payload.of("c")),
                                new Entry(
                                        6,
                                        304,
                                        EntryKind.SESSION,
                                        1_700_000_000_002L,
                                        Payload.of("s"))),
                        299));
        messages.put("AppendEntries.empty", new AppendEntries(1, LogPosition.ZERO, List.of(), 0));
        messages.put("AppendAccepted", new AppendAccepted(6, 304));
        messages.put("AppendRejected", new AppendRejected(6, 300, new LogPosition(4, 280)));
        messages.put("Heartbeat", new Heartbeat(6, 304, 17));
        messages.put("HeartbeatReply", new HeartbeatReply(6, 17));
        messages.put("HeartbeatReply.promise", new HeartbeatReply(6, 17, 1_000_000_000));
        messages.put("HeartbeatReply.health", new HeartbeatReply(6, 17, 0, 1500, 40));
        messages.put("AppendAccepted.health", new AppendAccepted(6, 304, 1500));
        messages.put("Heartbeat.cutOff", new Heartbeat(6, 304, 17, true));
        messages.put("PreVoteReply.leader", new PreVoteReply(6, false, N1, true));
        messages.put("Resignation", new Resignation(7));
        messages.put("RequestSleep", new RequestSleep(7, new LogPosition(6, 304), 2));
        messages.put("SleepReply", new SleepReply(7, 2, true));
        messages.put("SleepReply.awake", new SleepReply(7, 0, false));
        List<LeaderClaim> claims = List.of(new LeaderClaim(0xABCDEF, 7), new LeaderClaim(-2, 1));
        messages.put("HostQuestion", new HostQuestion(claims));
        messages.put("HostAnswer", new HostAnswer(3, 0x77, claims.subList(1, 2)));
        messages.put("HostAnswer.right", new HostAnswer(3, 0x77, List.of()));
        messages.put("RequestReadIndex", new RequestReadIndex(6, -2));
        messages.put("RequestReadIndex.byLease", new RequestReadIndex(6, -2, true));
        messages.put("ReadIndexReply", new ReadIndexReply(6, -2, true, 304));
        messages.put("ForwardProposal", new ForwardProposal(6, 9, Payload.of("x=2")));
        messages.put(
                "ForwardProposal.session",
                new ForwardProposal(6, 9, EntryKind.SESSION_COMMAND, Payload.of("x=2")));
        for (ProposalReply.Outcome outcome : ProposalReply.Outcome.values()) {
            messages.put(
                    "ProposalReply." + outcome,
                    new ProposalReply(6, 9, outcome, 0, Payload.of("2")));
        }
        messages.put(
                "ProposalReply.index",
                new ProposalReply(6, 9, ProposalReply.Outcome.DONE, 305, Payload.of("2")));
        messages.put("RequestPreVote", new RequestPreVote(7, at));
        messages.put("PreVoteReply", new PreVoteReply(7, true));
        messages.put("PreVoteReply.refused", new PreVoteReply(0, false));
        messages.put("RequestVote", new RequestVote(7, at));
        messages.put("RequestVote.transfer", new RequestVote(7, at, true));
        messages.put("TimeoutNow", new TimeoutNow(7));
        StateHash hash = new StateHash(300, 0x1111, -1, true, 0x3333);
        messages.put("StateReport", new StateReport(7, hash));
        messages.put(
                "StateReport.bare", new StateReport(7, new StateHash(300, 0x1111, -1, false, 0)));
        for (StateHash.Part part : StateHash.Part.values()) {
            messages.put("StateVerdict." + part, new StateVerdict(7, part, hash));
        }
        messages.put("VoteReply", new VoteReply(7, true));
        SnapshotId snapshot = new SnapshotId(at, 5000, -2);
        messages.put("InstallSnapshot", new InstallSnapshot(7, at, 290, new ReplicaId(N2, TWO)));
        messages.put(
                "InstallPosition",
                new InstallPosition(
                        7,
                        new SnapshotMeta(
                                at,
                                250,
                                Membership.ofVoters(List.of(new ReplicaId(N1, ONE))),
                                1_700_000_000_000L)));
        messages.put("FetchSnapshot", new FetchSnapshot(290, null, 0));
        messages.put("FetchSnapshot.resumed", new FetchSnapshot(290, snapshot, 4096));
        messages.put("SnapshotChunk", new SnapshotChunk(snapshot, 4096, Payload.of("state")));
        messages.put("SnapshotChunk.none", SnapshotChunk.NONE);
        messages.put("FetchEntry", new FetchEntry(at));
        messages.put(
                "EntryCopy",
                new EntryCopy(
                        new Entry(5, 300, EntryKind.COMMAND, 1_700_000_000_000L, Payload.of("x"))));
        messages.put("FoundingState", new FoundingState(List.of(N1, N2), null, false));
        messages.put(
                "FoundingState.founded",
                new FoundingState(
                        List.of(N1, N2),
                        new Founding(
                                TWO,
                                new Membership(
                                        List.of(new ReplicaId(N1, ONE), new ReplicaId(N2, TWO)),
                                        List.of(new ReplicaId(N1, ONE)),
                                        List.of(new ReplicaId(NodeId.of("n3"), TWO))),
                                true),
                        true));
        return messages;
    }

    private static Envelope envelope(Message message) {
        return new Envelope(0xfeed_0000_0000_0001L, new ReplicaId(N1, ONE), message);
    }

    private static Map<String, Line> committed() throws IOException {
        Map<String, Line> lines = new LinkedHashMap<>();
        for (String line : Files.readAllLines(RESOURCE)) {
            String[] parts = line.split(" ", 3);
            lines.put(parts[0], new Line(parts[1], parts[2]));
        }
        return lines;
    }

    private static void write(Map<String, Line> lines) throws IOException {
        Files.writeString(
                RESOURCE,
                lines.entrySet().stream()
                        .map(
                                line ->
                                        line.getKey()
                                                + " "
                                                + line.getValue().hex()
                                                + " "
                                                + line.getValue().text()
                                                + "\n")
                        .collect(Collectors.joining()));
    }

    /**
     * A frame with its length in hex, and what the generated classes read in it, by the names of
     * the .proto file.
     */
    private record Line(String hex, String text) {
        static Line of(byte[] frame) throws IOException {
            Wire.Frame wire = Wire.Frame.parseFrom(Codec.body(frame));
            return new Line(
                    HexFormat.of().formatHex(frame),
                    TextFormat.printer().emittingSingleLine(true).printToString(wire));
        }

        byte[] body() {
            return Codec.body(HexFormat.of().parseHex(hex));
        }
    }
}
