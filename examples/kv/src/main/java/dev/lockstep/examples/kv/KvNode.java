package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.store.KvStore;
import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.node.RaftHost;
import dev.lockstep.raft.spi.Clock;
import dev.lockstep.raft.spi.RaftMetrics;
import dev.lockstep.raft.spi.Storage;
import dev.lockstep.raft.transport.netty.NettyTransport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A node of the cluster: a host with one group, and the server that lets Redis clients in. */
public final class KvNode implements AutoCloseable {
    private final RaftHost host;
    private final RaftGroup group;
    private final KvServer server;
    private final @Nullable Meters meters;
    private final @Nullable HttpPort http;

    /**
     * What a node is started with.
     *
     * @param cluster the name that all nodes share
     * @param node which of the peers this is
     * @param peers where the nodes reach each other, this one included
     * @param founders the nodes of the cluster's first start; one that isn't among them joins later
     * @param storage its directory
     * @param redis where Redis clients connect; port 0 takes a free one
     * @param http where {@code /live}, {@code /ready} and {@code /metrics} are; null for nowhere,
     *     and then nothing is measured
     * @param options see {@link #options}
     */
    public record Config(
            ClusterId cluster,
            NodeId node,
            List<PeerAddress> peers,
            List<NodeId> founders,
            Storage storage,
            InetSocketAddress redis,
            @Nullable InetSocketAddress http,
            RaftOptions options) {
        /** Without HTTP. */
        public Config(
                ClusterId cluster,
                NodeId node,
                List<PeerAddress> peers,
                List<NodeId> founders,
                Storage storage,
                InetSocketAddress redis,
                RaftOptions options) {
            this(cluster, node, peers, founders, storage, redis, null, options);
        }
    }

    private KvNode(
            RaftHost host,
            RaftGroup group,
            KvServer server,
            @Nullable Meters meters,
            @Nullable HttpPort http) {
        this.meters = meters;
        this.http = http;
        this.host = host;
        this.group = group;
        this.server = server;
    }

    /**
     * What a group of this store needs.
     *
     * @throws IllegalArgumentException when the time is too short
     */
    public static RaftOptions options(Duration electionTimeout) {
        return RaftOptions.defaults()
                .with()
                .electionTimeout(electionTimeout)
                .maxPayloadBytes(KvServer.MAX_COMMAND_BYTES)
                .build();
    }

    /**
     * @throws IOException when the directory or a port can't be used; its message says why
     */
    public static KvNode start(Config config) throws IOException {
        Meters meters = config.http() == null ? null : new Meters(config.node());
        RaftHost host =
                RaftHost.builder()
                        .cluster(config.cluster().value())
                        .node(config.node().value())
                        .peers(config.peers())
                        .storage(config.storage())
                        .transport(NettyTransport.plaintext())
                        .options(config.options())
                        .metrics(meters == null ? RaftMetrics.NONE : meters.ofHost())
                        .start();
        try {
            return open(config, host, meters);
        } catch (IOException | RuntimeException e) {
            try {
                host.close();
            } catch (IOException closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    private static KvNode open(Config config, RaftHost host, @Nullable Meters meters)
            throws IOException {
        KvStore store = new KvStore();
        HttpPort http = null;
        InetSocketAddress address = config.http();
        if (meters != null && address != null) {
            meters.bind(host);
            http = HttpPort.start(address, new HttpPort.Pages(host::health, meters::scrape));
        }
        try {
            RaftGroup group = host.open("kv", config.founders(), store);
            KvServer server = KvServer.start(group, store, Clock.SYSTEM, config.redis());
            return new KvNode(host, group, server, meters, http);
        } catch (IOException | RuntimeException e) {
            if (http != null) {
                http.close();
            }
            throw e;
        }
    }

    public RaftGroup group() {
        return group;
    }

    /** Where Redis clients connect. */
    public int redisPort() {
        return server.port();
    }

    /** Where HTTP is answered; 0 when it isn't. */
    public int httpPort() {
        return http == null ? 0 : http.port();
    }

    /** As long as the host closes, HTTP says that it isn't ready any more. */
    @Override
    public void close() throws IOException {
        server.close();
        try {
            host.close();
        } finally {
            if (http != null) {
                http.close();
            }
            if (meters != null) {
                meters.close();
            }
        }
    }
}
