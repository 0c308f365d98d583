package dev.lockstep.raft.testkit.scenario;

import static java.util.stream.Collectors.joining;

import dev.lockstep.raft.core.Event;
import dev.lockstep.raft.core.RaftCore;
import dev.lockstep.raft.core.SnapshotNews;
import dev.lockstep.raft.core.Ticket;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.SnapshotId;
import dev.lockstep.raft.model.SnapshotMeta;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Drives a few cores by text. Nothing happens but what a command says: disks sync, messages arrive
 * and time passes when they are told to.
 *
 * <pre>
 * cluster 1,2,w3                     who founded the group; a name that begins with w is a witness's
 * options inflight=2 uncommitted=200 append=300 snapshot=500 kept=0 chunk=5 followers leases
 *                                    before the nodes; each may be left out
 * node 2 [term=3] [vote=1] [log=1:1,1:2]    a core with that on its disk; a founder, or an outsider
 * node 3 empty [incarnation=9]       one that knows of no founding; in the place of the former, if any
 * MESSAGE node=2 from=1 [incarnation=9] …   one message, as {@link MessageText} writes them
 * deliver from=1 to=2 [count=1]      what is on its way from one to the other, the oldest first
 * drop from=1 to=2 [count=1]         loses it instead
 * exchange [without=3]               delivers, persists and loads until all is quiet; what is for the
 *                                    others is lost
 * run ms=500 [without=3] [showing=X] time passes for all, and after each heartbeat interval they exchange;
 *                                    prints the lines with an X
 * persisted node=2 [all]             the oldest persist is durable, or all of them
 * attest node=2 term=1 last=1:4      a token comes back once more
 * propose node=2 id=7 text=x         a client's command
 * read node=2 id=7 [by-lease]        a client's read
 * transfer node=2 id=7 target=1      leadership is to be handed over
 * change node=2 id=7 remove=3        the membership is to change, as {@link MembershipText} writes it
 * loaded node=2 from=1 [count=9]     the disk answers a load with what it holds
 * applied node=2 index=4             the state machine has got so far
 * snapshot node=2                    somebody wants a snapshot
 * written node=2 [fails]             what is to be written first of snapshots is durable, or can't be
 * advance node=2 ms=1500             time passes for one
 * timeout node=2                     so much of it that its next deadline is reached
 * connected node=2 peer=1            a connection is there
 * disconnected node=2 peer=1         it is gone
 * suspected node=2 host=1            that host isn't heard any more
 * resign node=2                      it is about to be closed
 * restart node=2                     it forgets what isn't durable
 * fail node=2                        its disk fails for good
 * show node=2                        prints its state
 * members node=2                     prints the last configuration that it told of
 * disk node=2                        prints the term and the entries that are durable
 * quiet …                            before any command: prints nothing
 * </pre>
 */
public final class CoreInterpreter implements ScenarioInterpreter {
    private static final int MAX_ROUNDS = 100;

    private final TreeMap<String, ScenarioNode> nodes = new TreeMap<>();
    private final Map<SnapshotId, SnapshotMeta> files = new HashMap<>();
    private List<NodeId> founders = List.of();
    private RaftOptions options =
            RaftOptions.defaults().with().sleepAfter(Duration.ofSeconds(5)).build();

    /** A world without nodes. */
    public CoreInterpreter() {}

    @Override
    public String run(Command command) {
        if (command.name().equals("quiet")) {
            Command quiet = command.behindName();
            run(quiet);
            quiet.requireAllUsed();
            return "";
        }
        Message message = MessageText.read(command);
        if (message != null) {
            ReplicaId from =
                    MembershipText.replica(command.value("from"), command.number("incarnation", 0));
            return node(command).step(new Event.Received(from, message));
        }
        return switch (command.name()) {
            case "cluster" -> cluster(command);
            case "options" -> options(command);
            case "node" -> newNode(command);
            case "deliver" -> deliver(command, true);
            case "drop" -> deliver(command, false);
            case "exchange" -> exchange(among(command));
            case "run" -> passTime(command);
            default -> onNode(command);
        };
    }

    private String onNode(Command command) {
        ScenarioNode node = node(command);
        return switch (command.name()) {
            case "persisted" -> node.persisted(command.has("all"));
            case "attest" ->
                    node.attest(
                            MessageText.position(command.value("last")), command.number("term"));
            case "propose" ->
                    node.step(
                            new Event.Propose(
                                    Ticket.local(command.number("id")),
                                    Payload.of(command.value("text"))));
            case "read" -> node.step(new Event.Read(command.number("id"), command.has("by-lease")));
            case "transfer" ->
                    node.step(
                            new Event.Transfer(
                                    command.number("id"), NodeId.of(command.value("target"))));
            case "change" ->
                    node.step(
                            new Event.ChangeMembership(
                                    command.number("id"), MembershipText.change(command)));
            case "loaded" ->
                    node.loaded(
                            command.number("from"),
                            (int) command.number("count", Integer.MAX_VALUE / 2));
            case "hashed" -> node.step(new Event.Hashed(MessageText.stateHash(command)));
            case "applied" -> node.step(new Event.Applied(command.number("index")));
            case "advance" -> node.advance(command.number("ms"));
            case "timeout" -> node.timeout();
            case "connected" -> node.step(new Event.Connected(NodeId.of(command.value("peer"))));
            case "snapshot" -> node.step(new Event.Snapshots(new SnapshotNews.Wanted()));
            case "written" -> node.written(!command.has("fails"));
            case "disconnected" ->
                    node.step(new Event.Disconnected(NodeId.of(command.value("peer"))));
            case "suspected" -> node.step(new Event.Suspected(NodeId.of(command.value("host"))));
            case "resign" -> node.step(new Event.Resign());
            case "restart" -> node.restart();
            case "fail" ->
                    node.step(
                            new Event.Failed(new Fault(Fault.Code.STORAGE_FAILED, "told to fail")));
            case "show" -> show(node);
            case "members" -> node.members();
            case "disk" -> node.disk();
            default -> throw new IllegalArgumentException("no such command");
        };
    }

    private String cluster(Command command) {
        founders = Arrays.stream(command.word(1).split(",", -1)).map(NodeId::of).toList();
        return "";
    }

    private String options(Command command) {
        options =
                options.with()
                        .maxInflightMessages(
                                (int) command.number("inflight", options.maxInflightMessages()))
                        .maxUncommittedBytes(
                                (int) command.number("uncommitted", options.maxUncommittedBytes()))
                        .maxAppendBytes((int) command.number("append", options.maxAppendBytes()))
                        .leaseReads(command.has("leases") || options.leaseReads())
                        .cacheBytes((int) command.number("cache", options.cacheBytes()))
                        .snapshotBytes((int) command.number("snapshot", options.snapshotBytes()))
                        .keptLogBytes((int) command.number("kept", options.keptLogBytes()))
                        .snapshotChunkBytes(
                                (int) command.number("chunk", options.snapshotChunkBytes()))
                        .snapshotsFromFollowers(
                                command.has("followers") || options.snapshotsFromFollowers())
                        .build();
        return "";
    }

    private String newNode(Command command) {
        String name = command.word(1);
        long term = command.number("term", 0);
        ReplicaId vote =
                command.has("vote") ? MembershipText.replica(command.value("vote"), 0) : null;
        Membership initial =
                Membership.ofVoters(
                        founders.stream()
                                .map(node -> MembershipText.replica(node.value(), 0))
                                .toList());
        ScenarioNode node =
                new ScenarioNode(
                        MembershipText.replica(name, command.number("incarnation", 0)),
                        founders,
                        options,
                        command.has("empty") ? null : new Founding(new UUID(1, 1), initial, true),
                        term == 0 ? HardState.INITIAL : new HardState(term, vote),
                        MessageText.entries(command.value("log", "")),
                        files);
        nodes.put(name, node);
        return node.drain();
    }

    private String deliver(Command command, boolean arrives) {
        ScenarioNode from = node(command, "from");
        NodeId to = NodeId.of(command.value("to"));
        List<String> lines = new ArrayList<>();
        for (long i = command.number("count", 1); i > 0; i--) {
            ScenarioNode.Posted posted =
                    from.outbox().stream()
                            .filter(p -> p.to().node().equals(to))
                            .findFirst()
                            .orElseThrow(
                                    () -> new IllegalArgumentException("nothing is on its way"));
            from.outbox().remove(posted);
            if (arrives) {
                lines.add(arrive(posted));
            }
        }
        return join(lines);
    }

    private List<ScenarioNode> among(Command command) {
        List<String> without = List.of(command.value("without", "").split(",", -1));
        return nodes.values().stream()
                .filter(node -> !without.contains(node.id().node().value()))
                .toList();
    }

    private String passTime(Command command) {
        List<ScenarioNode> among = among(command);
        List<String> lines = new ArrayList<>();
        long step = options.heartbeatInterval().toMillis();
        for (long passed = 0; passed < command.number("ms"); passed += step) {
            among.forEach(node -> lines.add(node.advance(step)));
            lines.add(exchange(among));
        }
        String wanted = command.value("showing", "");
        return join(lines).lines().filter(line -> line.contains(wanted)).collect(joining("\n"));
    }

    private String exchange(List<ScenarioNode> among) {
        List<String> lines = new ArrayList<>();
        for (int round = 0; round < MAX_ROUNDS; round++) {
            boolean quiet = true;
            for (ScenarioNode node : among) {
                if (node.hasUnsynced()) {
                    lines.add(node.persisted(true));
                    quiet = false;
                }
                while (node.hasUnwritten()) {
                    lines.add(node.written(true));
                    quiet = false;
                }
                while (node.hasLoads()) {
                    lines.add(node.loadOne());
                    quiet = false;
                }
                List<ScenarioNode.Posted> leaving = List.copyOf(node.outbox());
                node.outbox().clear();
                for (ScenarioNode.Posted posted : leaving) {
                    ScenarioNode to = nodes.get(posted.to().node().value());
                    if (to != null && among.contains(to)) {
                        lines.add(arrive(posted));
                        quiet = false;
                    }
                }
            }
            if (quiet) {
                return join(lines);
            }
        }
        throw new IllegalArgumentException("not quiet after " + MAX_ROUNDS + " rounds");
    }

    private String arrive(ScenarioNode.Posted posted) {
        ScenarioNode to = nodes.get(posted.to().node().value());
        if (to == null) {
            throw new IllegalArgumentException("there is no node " + posted.to().node());
        }
        return to.step(new Event.Received(posted.from(), posted.message()));
    }

    private static String show(ScenarioNode node) {
        RaftCore core = node.core();
        return node.id().node()
                + ": "
                + core.role()
                + " term="
                + core.term()
                + " vote="
                + EffectText.node(core.hardState().vote())
                + " leader="
                + EffectText.node(core.leader())
                + " last="
                + core.last()
                + " commit="
                + core.commitIndex()
                + (core.runsOnWitness() ? " on the witness" : "")
                + (core.isAsleep() ? " asleep" : "");
    }

    private ScenarioNode node(Command command) {
        return node(command, "node");
    }

    private ScenarioNode node(Command command, String key) {
        ScenarioNode node = nodes.get(command.value(key));
        if (node == null) {
            throw new IllegalArgumentException("there is no node " + command.value(key));
        }
        return node;
    }

    private static String join(List<String> lines) {
        return String.join("\n", lines.stream().filter(line -> !line.isEmpty()).toList());
    }
}
