package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Carries envelopes over TCP. Each host dials each peer and sends on the connection that it
 * dialled; one thread, named {@code lockstep-net-<node>}, does all of it and is lent to run the
 * cores. The wire format is documented in {@code docs/wire-format.md}.
 *
 * <p>What this transport never does is tell a peer's bytes to anybody before both sides have proven
 * that they are of one cluster, speak a common version, and are who the other expects. A transport
 * serves one host, once.
 */
public final class NettyTransport implements Transport {
    private final NettyOptions options;
    private final NameLookup lookup;
    private final Tally tally = new Tally();
    private final AtomicBoolean used = new AtomicBoolean();
    private volatile @Nullable Station station;

    NettyTransport(NettyOptions options, NameLookup lookup) {
        this.options = options;
        this.lookup = lookup;
    }

    /**
     * Without encryption, and with identities that are claimed and not proven by a key: for
     * loopback and for networks that only the cluster's hosts can reach.
     */
    public static NettyTransport plaintext() {
        return plaintext(NettyOptions.defaults());
    }

    /** The same with other limits and times. */
    public static NettyTransport plaintext(NettyOptions options) {
        return new NettyTransport(options, NameLookup.SYSTEM);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException when {@code peers} names a node twice, or not this host
     * @throws IllegalStateException when it was started before
     */
    @Override
    public void start(HostIdentity identity, List<PeerAddress> peers, Receiver receiver)
            throws IOException {
        if (!used.compareAndSet(false, true)) {
            throw new IllegalStateException(
                    "a transport is started once; make a new one for " + identity.node());
        }
        Station started = new Station(identity, peers, options, receiver, tally, lookup);
        station = started;
        try {
            started.listen();
        } catch (IOException e) {
            started.close();
            throw e;
        }
    }

    @Override
    public EventLoop loop() {
        return started().loop();
    }

    @Override
    public boolean send(NodeId to, Envelope envelope) {
        return started().send(to, envelope);
    }

    @Override
    public void flush() {
        started().flush();
    }

    /**
     * {@inheritDoc} Tasks that the lent loop holds are still run, those that wait for a time are
     * forgotten. Called on the loop itself it doesn't wait, since the loop can't wait for its own
     * end.
     */
    @Override
    public void close() {
        used.set(true);
        Station closing = station;
        if (closing != null) {
            closing.close();
        }
    }

    /** What was counted since the start. Any thread may ask. */
    public NettyCounters counters() {
        return tally.read();
    }

    /** Where it listens: the port that the system chose, if it was asked to. */
    InetSocketAddress boundAddress() {
        return started().boundAddress();
    }

    private Station started() {
        return Objects.requireNonNull(station, "the transport isn't started");
    }
}
