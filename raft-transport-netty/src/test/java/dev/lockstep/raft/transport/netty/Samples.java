package dev.lockstep.raft.transport.netty;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Messages and identities for tests: random ones of every kind, by a seed. */
final class Samples {
    static final int KINDS = Message.class.getPermittedSubclasses().length;

    private static final List<ProposalReply.Outcome> OUTCOMES =
            List.of(ProposalReply.Outcome.values());

    private Samples() {}

    static HostIdentity identity(String node, long boot) {
        return new HostIdentity(
                new ClusterId("test"), NodeId.of(node), uuidOf(node), boot, 1000 + boot);
    }

    static UUID uuidOf(String name) {
        return new UUID(name.hashCode() * 0x9e3779b97f4a7c15L, name.hashCode());
    }

    static Envelope append(String from, long index, Payload payload) {
        Entry entry = new Entry(1, index, EntryKind.COMMAND, 1, payload);
        LogPosition previous = index == 1 ? LogPosition.ZERO : new LogPosition(1, index - 1);
        return new Envelope(
                7,
                new ReplicaId(NodeId.of(from), uuidOf(from)),
                new AppendEntries(1, previous, List.of(entry), 0));
    }

    static Envelope envelope(Random random) {
        return envelope(random, message(random, random.nextInt(KINDS)));
    }

    static Envelope envelope(Random random, Message message) {
        return new Envelope(number(random), new ReplicaId(NodeId.of("n1"), uuid(random)), message);
    }

    /** Any message of the kind, which counts from 0. */
    static Message message(Random random, int kind) {
        long term = Math.max(1, number(random) & Long.MAX_VALUE);
        long index = number(random) & Long.MAX_VALUE;
        return switch (kind) {
            case 0 -> append(random);
            case 1 -> new AppendAccepted(term, index, random.nextInt(100));
            case 2 -> new AppendRejected(term, index, position(random));
            case 3 -> new Heartbeat(term, index, number(random), random.nextBoolean());
            case 4 ->
                    new HeartbeatReply(
                            term, number(random), index, random.nextInt(100), random.nextInt(101));
            case 5 -> new RequestReadIndex(term, number(random), random.nextBoolean());
            case 6 -> new ReadIndexReply(term, number(random), random.nextBoolean(), index);
            case 7 -> new ForwardProposal(term, number(random), forwarded(random), payload(random));
            case 8 ->
                    new ProposalReply(
                            term,
                            number(random),
                            OUTCOMES.get(random.nextInt(OUTCOMES.size())),
                            index,
                            payload(random));
            case 9 -> new RequestPreVote(term, position(random));
            case 10 ->
                    new PreVoteReply(
                            random.nextInt(3),
                            random.nextBoolean(),
                            random.nextBoolean() ? null : NodeId.of("n" + random.nextInt(9)),
                            random.nextBoolean());
            case 11 -> new RequestVote(term, position(random), random.nextBoolean());
            case 12 -> new VoteReply(term, random.nextBoolean());
            case 13 -> founding(random);
            case 14 -> new TimeoutNow(term);
            case 15 -> install(random, term);
            case 16 -> fetch(random, index);
            case 17 -> chunk(random);
            case 18 -> new Resignation(term);
            case 19 -> new StateReport(term, hash(random));
            case 20 -> {
                StateHash agreed = hash(random);
                yield new StateVerdict(
                        term,
                        agreed.offered() ? StateHash.Part.MACHINE : StateHash.Part.SESSIONS,
                        agreed);
            }
            case 21 -> installPosition(random, term);
            case 22 -> new FetchEntry(position(random));
            case 23 ->
                    new EntryCopy(
                            new Entry(
                                    term,
                                    Math.max(1, index),
                                    EntryKind.ofCode(1 + random.nextInt(6)),
                                    number(random),
                                    payload(random)));
            case 24 -> new RequestSleep(term, position(random), index);
            case 25 -> new SleepReply(term, index, random.nextBoolean());
            case 26 -> new HostQuestion(claims(random));
            case 27 -> new HostAnswer(number(random), number(random), claims(random));
            default -> throw new IllegalArgumentException("no sample for kind " + kind);
        };
    }

    private static List<LeaderClaim> claims(Random random) {
        List<LeaderClaim> claims = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            claims.add(new LeaderClaim(random.nextLong(), 1 + random.nextInt(9)));
        }
        return claims;
    }

    private static StateHash hash(Random random) {
        boolean offered = random.nextBoolean();
        return new StateHash(
                Math.max(1, number(random) & Long.MAX_VALUE),
                number(random),
                number(random),
                offered,
                offered ? number(random) : 0);
    }

    private static EntryKind forwarded(Random random) {
        EntryKind kind = EntryKind.ofCode(1 + random.nextInt(7));
        return kind.isForClients() ? kind : EntryKind.COMMAND;
    }

    private static AppendEntries append(Random random) {
        LogPosition previous = random.nextInt(4) == 0 ? LogPosition.ZERO : position(random);
        long index = previous.index();
        long term = Math.max(1, previous.term());
        List<Entry> entries = new ArrayList<>();
        int count = random.nextInt(5);
        for (int i = 0; i < count && index < Long.MAX_VALUE; i++) {
            term += term < Long.MAX_VALUE - 10 ? random.nextInt(3) : 0;
            entries.add(
                    new Entry(
                            term,
                            ++index,
                            EntryKind.ofCode(1 + random.nextInt(7)),
                            number(random),
                            payload(random)));
        }
        return new AppendEntries(term, previous, entries, number(random) & Long.MAX_VALUE);
    }

    private static FoundingState founding(Random random) {
        Founding founding =
                random.nextBoolean()
                        ? null
                        : new Founding(
                                uuid(random),
                                new Membership(
                                        List.of(replica(random, "n1"), replica(random, "n2")),
                                        random.nextBoolean()
                                                ? List.of()
                                                : List.of(replica(random, "n1")),
                                        random.nextBoolean()
                                                ? List.of()
                                                : List.of(replica(random, "n3"))),
                                random.nextBoolean());
        return new FoundingState(
                List.of(NodeId.of("n1"), NodeId.of("n2")), founding, random.nextBoolean());
    }

    private static InstallSnapshot install(Random random, long term) {
        LogPosition at = position(random);
        return new InstallSnapshot(
                term, at, Math.max(1, at.index() - random.nextInt(9)), replica(random, "n2"));
    }

    private static InstallPosition installPosition(Random random, long term) {
        LogPosition at = position(random);
        return new InstallPosition(
                term,
                new SnapshotMeta(
                        at,
                        random.nextBoolean() ? 0 : at.index(),
                        Membership.ofVoters(List.of(replica(random, "n1"), replica(random, "n2"))),
                        number(random)));
    }

    private static FetchSnapshot fetch(Random random, long atLeast) {
        return random.nextBoolean()
                ? new FetchSnapshot(atLeast, null, 0)
                : new FetchSnapshot(atLeast, snapshot(random), random.nextInt(1_000));
    }

    private static SnapshotChunk chunk(Random random) {
        Payload bytes = payload(random);
        return bytes.size() == 0
                ? SnapshotChunk.NONE
                : new SnapshotChunk(snapshot(random), random.nextInt(1_000), bytes);
    }

    private static SnapshotId snapshot(Random random) {
        return new SnapshotId(
                position(random), 10_000L + random.nextInt(Integer.MAX_VALUE), random.nextInt());
    }

    private static ReplicaId replica(Random random, String node) {
        return new ReplicaId(NodeId.of(node), uuid(random));
    }

    private static LogPosition position(Random random) {
        return new LogPosition(
                Math.max(1, number(random) & Long.MAX_VALUE),
                Math.max(1, number(random) & Long.MAX_VALUE));
    }

    private static UUID uuid(Random random) {
        return new UUID(random.nextLong(), number(random));
    }

    /** Zeros, small, large and negative numbers, each often. */
    private static long number(Random random) {
        long drawn = random.nextLong();
        return random.nextInt(8) == 0 ? 0 : drawn >> random.nextInt(64);
    }

    static Payload payload(Random random) {
        byte[] bytes = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(300)];
        random.nextBytes(bytes);
        return Payload.wrap(bytes);
    }
}
