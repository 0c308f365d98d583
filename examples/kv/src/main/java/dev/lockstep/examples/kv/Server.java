package dev.lockstep.examples.kv;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.storage.FileStorage;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.charset.Charset;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The server's process: reads its options, runs until it is told to stop, says in one line what it
 * can't do.
 */
@Command(
        name = "server",
        description = "One node of a replicated key-value store that speaks the Redis protocol.",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Exits with 0 or 143 when it is told to stop, 1 when it can't run, 2 for a wrong option."
        })
public final class Server implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(Server.class);
    private static final int MAX_PORT = 65_535;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Properties with the names of these options.")
    @SuppressWarnings("UnusedVariable") // useConfigFile reads it, ahead of the others
    private Path config = Path.of("");

    @Option(names = "--cluster", required = true, description = "The name that all nodes share.")
    private String cluster = "";

    @Option(names = "--node", required = true, description = "Which of the peers this is.")
    private String node = "";

    @Option(
            names = "--peers",
            required = true,
            split = ",",
            paramLabel = "NODE=HOST:PORT",
            description = "Where the nodes reach each other, this one included.")
    private List<String> peers = new ArrayList<>();

    @Option(
            names = "--founders",
            split = ",",
            paramLabel = "NODE",
            description = "The nodes of the cluster's first start; all peers unless told.")
    private List<String> founders = new ArrayList<>();

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "Its directory; made if need be.")
    private Path data = Path.of("");

    @Option(
            names = "--redis-port",
            defaultValue = "6379",
            description = "Where clients connect (${DEFAULT-VALUE}).")
    private int redisPort;

    @Option(
            names = "--bind",
            defaultValue = "127.0.0.1",
            description = "The address for clients (${DEFAULT-VALUE}).")
    private String bind = "";

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            description = "Where /live, /ready and /metrics are; nowhere unless told.")
    private @Nullable Integer httpPort;

    @Option(
            names = "--http-bind",
            defaultValue = "127.0.0.1",
            paramLabel = "ADDRESS",
            description = "The address for them (${DEFAULT-VALUE}).")
    private String httpBind = "";

    @Option(
            names = "--election-timeout",
            defaultValue = "1000",
            paramLabel = "MILLIS",
            description = "How long without a leader before an election (${DEFAULT-VALUE}).")
    private int electionTimeoutMillis;

    @Mixin private DiskOptions disk = new DiskOptions();

    @Option(
            names = "--exit-with-stdin",
            description = "Stop when standard input ends, as when the parent dies.")
    private boolean exitsWithStdin;

    @Spec private CommandSpec spec = CommandSpec.create();

    public static void main(String[] args) {
        System.exit(run(new PrintWriter(System.err, true, Charset.defaultCharset()), args));
    }

    /** Runs until the end, and returns the exit code. */
    static int run(PrintWriter errors, String... args) {
        CommandLine line = new CommandLine(new Server()).setErr(errors);
        line.setParameterExceptionHandler(
                (wrong, given) -> fail(line, wrong, CommandLine.ExitCode.USAGE));
        line.setExecutionExceptionHandler(
                (failure, command, parsed) -> fail(line, failure, CommandLine.ExitCode.SOFTWARE));
        try {
            useConfigFile(line, args);
        } catch (IOException e) {
            return fail(line, e, CommandLine.ExitCode.USAGE);
        }
        return line.execute(args);
    }

    /**
     * The file's values are defaults, so they must be known before the command line is read in
     * earnest.
     */
    private static void useConfigFile(CommandLine line, String... args) throws IOException {
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--config") && i + 1 < args.length) {
                line.setDefaultValueProvider(
                        ConfigFile.read(Path.of(args[i + 1]), line.getCommandSpec()));
            } else if (args[i].startsWith("--config=")) {
                Path file = Path.of(args[i].substring("--config=".length()));
                line.setDefaultValueProvider(ConfigFile.read(file, line.getCommandSpec()));
            }
        }
    }

    private static int fail(CommandLine line, Exception failure, int exitCode) {
        line.getErr().println("server: " + explain(failure).lines().findFirst().orElse(""));
        if (exitCode == CommandLine.ExitCode.USAGE) {
            line.getErr().println("Try 'server --help'.");
        }
        return exitCode;
    }

    private static String explain(Exception failure) {
        if (failure instanceof FileSystemException refused) {
            String reason = refused.getReason();
            String why = reason == null ? refused.getClass().getSimpleName() : reason;
            return "can't use " + refused.getFile() + ": " + why;
        }
        boolean isExplained =
                failure instanceof IOException
                        || failure instanceof IllegalArgumentException
                        || failure instanceof ParameterException;
        String message = failure.getMessage();
        return isExplained && message != null ? message : failure.toString();
    }

    @Override
    public Integer call() throws Exception {
        KvNode.Config checked = check();
        KvNode running = KvNode.start(checked);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(running), "shutdown"));
        log.info(
                "{} of cluster {} takes Redis clients on {}:{}, data in {}",
                node,
                cluster,
                bind,
                running.redisPort(),
                data);
        if (checked.http() != null) {
            log.info("{} answers HTTP on {}:{}", node, httpBind, running.httpPort());
        }
        if (exitsWithStdin) {
            while (System.in.read() >= 0) {
                // What is typed means nothing; only the end does.
            }
            return CommandLine.ExitCode.OK;
        }
        Thread.currentThread().join(); // for ever: a signal ends the process
        return CommandLine.ExitCode.OK;
    }

    private void stop(KvNode running) {
        log.info("{} stops", node);
        try {
            running.close();
        } catch (IOException e) {
            log.warn(
                    "{} didn't stop well, which loses nothing that was acknowledged: {}",
                    node,
                    e.toString());
        }
    }

    private List<NodeId> founders(List<PeerAddress> addresses) {
        List<NodeId> known = addresses.stream().map(PeerAddress::node).toList();
        if (founders.isEmpty()) {
            return known;
        }
        List<NodeId> named = founders.stream().map(NodeId::of).toList();
        for (NodeId founder : named) {
            if (!known.contains(founder)) {
                throw new IllegalArgumentException(
                        "--founders names " + founder + ", and --peers doesn't");
            }
        }
        return named;
    }

    private KvNode.Config check() {
        try {
            NodeId self = NodeId.of(node);
            List<PeerAddress> addresses = peers.stream().map(PeerAddress::parse).toList();
            if (addresses.stream().noneMatch(peer -> peer.node().equals(self))) {
                throw new IllegalArgumentException("--peers doesn't name this node, " + node);
            }
            InetSocketAddress redis = address("--bind", bind, "--redis-port", redisPort);
            InetSocketAddress http =
                    httpPort == null
                            ? null
                            : address("--http-bind", httpBind, "--http-port", httpPort);
            RaftOptions options =
                    disk.applyTo(KvNode.options(Duration.ofMillis(electionTimeoutMillis)));
            return new KvNode.Config(
                    new ClusterId(cluster),
                    self,
                    addresses,
                    founders(addresses),
                    disk.applyTo(FileStorage.in(data)),
                    redis,
                    http,
                    options);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private static InetSocketAddress address(
            String hostOption, String host, String portOption, int port) {
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException(
                    portOption + " must be 0 to " + MAX_PORT + ": " + port);
        }
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(hostOption + " can't be resolved: " + host);
        }
        return address;
    }
}
