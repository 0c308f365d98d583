package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A started transport: one thread, the listening socket, what was accepted, and a link to each
 * peer.
 */
final class Station {
    private static final long SHUTDOWN_SECONDS = 10;
    private static final long LOOKUP_THREAD_IDLE_SECONDS = 5;

    private final PeerAddress self;
    private final LocalHost host;
    private final EventLoopGroup group;
    private final LentLoop lent;
    private final ThreadPoolExecutor lookups;
    private final Map<NodeId, PeerLink> links = new HashMap<>();
    private final PeerLink[] linkList;
    private final ChannelGroup accepted;
    private volatile @Nullable Channel listening;

    Station(
            HostIdentity identity,
            List<PeerAddress> peers,
            NettyOptions options,
            Transport.Receiver receiver,
            Tally tally,
            NameLookup lookup) {
        Map<NodeId, PeerAddress> byNode = new HashMap<>();
        for (PeerAddress peer : peers) {
            if (byNode.put(peer.node(), peer) != null) {
                throw new IllegalArgumentException("the peer list names " + peer.node() + " twice");
            }
        }
        PeerAddress own = byNode.remove(identity.node());
        if (own == null) {
            throw new IllegalArgumentException(
                    "the peer list doesn't name this host, " + identity.node() + ": " + peers);
        }
        self = own;
        ThreadFactory threads =
                task -> new FastThreadLocalThread(task, "lockstep-net-" + identity.node());
        group = new StationLoops(threads, ioHandlers());
        io.netty.channel.EventLoop loop = group.next();
        lent = new LentLoop(loop);
        TreeSet<NodeId> known = new TreeSet<>(byNode.keySet());
        known.add(identity.node());
        host = new LocalHost(identity, known, options, receiver, loop, tally);
        accepted = new DefaultChannelGroup(loop);
        // One thread per peer at most, and only while it is dialled: a dead name server must not
        // hold up
        // the loop, nor one peer's name the other's.
        lookups =
                new ThreadPoolExecutor(
                        0,
                        Math.max(1, byNode.size()),
                        LOOKUP_THREAD_IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new SynchronousQueue<>(),
                        task -> daemon(task, "lockstep-dns-" + identity.node()));
        for (PeerAddress peer : byNode.values()) {
            links.put(peer.node(), new PeerLink(host, peer, dialler(), lookups, lookup));
        }
        linkList = links.values().toArray(new PeerLink[0]);
    }

    /** Listens, then dials everybody. */
    void listen() throws IOException {
        InetSocketAddress where = host.options.bindAddress();
        if (where == null) {
            where = new InetSocketAddress(self.host(), self.port());
        }
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(group)
                        .channel(serverChannel())
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .option(ChannelOption.SO_BACKLOG, 1024)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        accepted.add(channel);
                                        channel.pipeline()
                                                .addLast(
                                                        new AcceptedConnection(
                                                                host, Station.this::nudge));
                                    }
                                })
                        .bind(where)
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    host.self.node()
                            + " can't listen on "
                            + where
                            + ": "
                            + bound.cause().getMessage()
                            + ". Another process may use the address, or it isn't this machine's.",
                    bound.cause());
        }
        listening = bound.channel();
        host.loop.execute(
                () -> {
                    if (!host.closed) {
                        links.values().forEach(PeerLink::dial);
                    }
                });
    }

    EventLoop loop() {
        return lent;
    }

    boolean send(NodeId to, Envelope envelope) {
        assert lent.inLoop() : "send is called on the lent loop";
        PeerLink link = links.get(to);
        boolean queued = link != null && link.send(envelope);
        (queued ? host.tally.framesSent : host.tally.sendsRefused).increment();
        return queued;
    }

    void flush() {
        for (PeerLink link : linkList) {
            link.flush();
        }
    }

    void close() {
        if (lent.inLoop()) {
            closeConnections();
        } else if (!group.isShuttingDown()) {
            // Waited for, since a group that shuts down closes its channels at once, and the
            // receiver would hear of lost connections.
            host.loop.submit(this::closeConnections).awaitUninterruptibly();
        }
        lookups.shutdownNow();
        Future<?> ended = group.shutdownGracefully(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS);
        if (!lent.inLoop()) {
            ended.awaitUninterruptibly();
        }
    }

    private void closeConnections() {
        host.closed = true;
        if (listening != null) {
            PeerConnection.close(listening);
        }
        links.values().forEach(PeerLink::close);
        accepted.forEach(PeerConnection::close);
    }

    InetSocketAddress boundAddress() {
        Channel channel = listening;
        if (channel == null) {
            throw new IllegalStateException(host.self.node() + " doesn't listen");
        }
        return (InetSocketAddress) channel.localAddress();
    }

    private void nudge(NodeId peer) {
        PeerLink link = links.get(peer);
        if (link != null) {
            link.nudge();
        }
    }

    private Bootstrap dialler() {
        Bootstrap dialler =
                new Bootstrap()
                        .group(group)
                        .channel(
                                Epoll.isAvailable()
                                        ? EpollSocketChannel.class
                                        : NioSocketChannel.class)
                        .disableResolver() // a link has looked the name up, off the loop
                        .option(
                                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                                (int) host.options.connectTimeout().toMillis())
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.SO_KEEPALIVE, true);
        if (Epoll.isAvailable()) {
            // Else the system's own buffer, of some megabytes, takes what control should overtake.
            dialler.option(
                    EpollChannelOption.TCP_NOTSENT_LOWAT, (long) OutboundQueue.COMMITTED_BYTES);
        }
        return dialler;
    }

    private static IoHandlerFactory ioHandlers() {
        return Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }

    private static Class<? extends ServerChannel> serverChannel() {
        return Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
