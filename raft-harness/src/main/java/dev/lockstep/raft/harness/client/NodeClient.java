package dev.lockstep.raft.harness.client;

import dev.lockstep.raft.harness.Patience;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * A client of one node. It connects when it is first used, and again after its connection was lost;
 * it never sends a command twice by itself, so each has one {@link Outcome}.
 *
 * <p>Used by one thread at a time; only {@link #close} may come from another.
 */
public final class NodeClient implements AutoCloseable {
    /** Longer than a server lets a proposal wait, so that it is the server that gives up. */
    private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(20);

    private static final Set<String> NOT_DONE =
            Set.of("CLUSTERDOWN", "DISKFULL", "OVERLOADED", "TRYAGAIN");
    private static final String UNKNOWN = "OUTCOMEUNKNOWN";

    private static final JedisClientConfig CONFIG =
            DefaultJedisClientConfig.builder()
                    .timeoutMillis((int) REPLY_TIMEOUT.toMillis())
                    .build();

    private final String node;
    private final int port;
    private volatile @Nullable Jedis connection;

    public NodeClient(String node, int port) {
        this.node = node;
        this.port = port;
    }

    /** The node that it asks. */
    public String node() {
        return node;
    }

    /**
     * Runs one command.
     *
     * @throws JedisDataException when the server refuses the command for itself, which is a bug
     *     here
     */
    public <T> Outcome<T> run(Function<Jedis, T> command) {
        Jedis connected;
        try {
            connected = connect();
        } catch (JedisConnectionException e) {
            return new Outcome.NotDone<>("it was never sent: " + e.getMessage());
        }
        try {
            return new Outcome.Done<>(command.apply(connected));
        } catch (JedisConnectionException e) {
            close();
            return new Outcome.Unknown<>("the connection was lost: " + e.getMessage());
        } catch (JedisDataException e) {
            return outcomeOf(e);
        }
    }

    private static <T> Outcome<T> outcomeOf(JedisDataException error) {
        String text = String.valueOf(error.getMessage());
        String code = text.replaceFirst(" .*", "");
        if (NOT_DONE.contains(code)) {
            return new Outcome.NotDone<>(text);
        }
        if (code.equals(UNKNOWN)) {
            return new Outcome.Unknown<>(text);
        }
        throw error;
    }

    /** Runs a command that only reads, again and again until it is done. */
    public <T> T read(Function<Jedis, T> command) throws InterruptedException {
        return Patience.await(
                Patience.DEFAULT,
                () -> node + " doesn't let a client read; at last: " + run(command),
                () -> run(command) instanceof Outcome.Done<T> done ? done.reply() : null);
    }

    /** Connects if need be; returns whether there is a connection. */
    public boolean isConnected() {
        try {
            connect();
            return true;
        } catch (JedisConnectionException e) {
            return false;
        }
    }

    /** What the node tells of itself, without asking others; null when it doesn't answer. */
    public @Nullable NodeStatus status() {
        return run(jedis -> NodeStatus.parse(jedis.info("raft")))
                        instanceof Outcome.Done<NodeStatus> done
                ? done.reply()
                : null;
    }

    /** The state that this replica has reached; null when it doesn't answer. */
    public @Nullable StateDigest digest() {
        return command("RAFT.DIGEST") instanceof Outcome.Done<Object> done
                ? StateDigest.parse(done.reply())
                : null;
    }

    /** Runs a command that Redis hasn't. */
    public Outcome<Object> command(String... words) {
        byte[] name = words[0].getBytes(StandardCharsets.US_ASCII);
        String[] rest = Arrays.copyOfRange(words, 1, words.length);
        return run(jedis -> jedis.sendCommand(() -> name, rest));
    }

    private Jedis connect() {
        Jedis connected = connection;
        if (connected == null) {
            connected = new Jedis(new HostAndPort("127.0.0.1", port), CONFIG);
            connection = connected;
        }
        return connected;
    }

    /** Ends the connection; the next command makes another. */
    @Override
    public void close() {
        Jedis connected = connection;
        connection = null;
        if (connected != null) {
            try {
                connected.close();
            } catch (JedisConnectionException e) {
                // It was broken already.
            }
        }
    }
}
