package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.store.KvStore;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.spi.Clock;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.redis.FixedRedisMessagePool;
import io.netty.handler.codec.redis.RedisDecoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Serves Redis clients out of one replica of a group whose state machine is a {@link KvStore}. */
public final class KvServer implements AutoCloseable {
    /**
     * The largest command of the log that a request or a round makes; the group must accept as
     * much.
     */
    public static final int MAX_COMMAND_BYTES = 2 * 1024 * 1024;

    /** Leaves room for what is in the command beside the words. */
    private static final int MAX_REQUEST_BYTES = MAX_COMMAND_BYTES - 64 * 1024;

    private static final int MAX_LINE_BYTES = 64 * 1024;
    private static final int MAX_CLIENTS = 10_000;
    private static final int MAX_THREADS = 4;
    private static final int MIB = 1024 * 1024;

    private final EventLoopGroup loops;
    private final ChannelGroup channels =
            new DefaultChannelGroup("redis clients", GlobalEventExecutor.INSTANCE);
    private final Channel listening;
    private final ExpiryTicker ticker;

    private KvServer(EventLoopGroup loops, NodeFacts facts, InetSocketAddress address)
            throws IOException {
        this.loops = loops;
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(loops)
                        .channel(
                                Epoll.isAvailable()
                                        ? EpollServerSocketChannel.class
                                        : NioServerSocketChannel.class)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(MIB, 2 * MIB))
                        .childHandler(new Accept(facts, channels))
                        .bind(address)
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "can't listen on "
                            + address.getHostString()
                            + ":"
                            + address.getPort()
                            + " for Redis clients: "
                            + reason(bound.cause()));
        }
        this.listening = bound.channel();
        facts.listensOn(port());
        this.ticker = new ExpiryTicker(facts.group(), facts.store(), facts.clock());
        ticker.runOn(loops.next());
    }

    private static String reason(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return message.contains("in use") ? "the port is in use" : message;
    }

    /**
     * @param group a replica of the group, open
     * @param store its state machine
     * @param address where to listen; port 0 takes a free one
     * @throws IOException when it can't listen there
     */
    public static KvServer start(
            RaftGroup group, KvStore store, Clock clock, InetSocketAddress address)
            throws IOException {
        IoHandlerFactory handlers =
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        int threads = Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors());
        EventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(
                        threads, new DefaultThreadFactory("redis", true), handlers);
        try {
            return new KvServer(loops, new NodeFacts(group, store, clock), address);
        } catch (IOException | RuntimeException e) {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
            throw e;
        }
    }

    /** Where clients connect. */
    public int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /** Ends all connections and frees the port. The group stays open. */
    @Override
    public void close() {
        ticker.close();
        listening.close().awaitUninterruptibly();
        channels.close().awaitUninterruptibly();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Sets up each new connection. */
    private static final class Accept extends ChannelInitializer<Channel> {
        private final NodeFacts facts;
        private final ChannelGroup channels;
        private final ReplicatedStore store;
        private final CommandTable table;

        Accept(NodeFacts facts, ChannelGroup channels) {
            this.facts = facts;
            this.channels = channels;
            this.store = new ReplicatedStore(facts.group(), facts.clock());
            List<CommandSpec> specs = new ArrayList<>(KeyCommands.all());
            specs.addAll(ConnectionCommands.all());
            specs.addAll(ServerCommands.all());
            specs.addAll(RaftCommands.all());
            specs.addAll(ServerCommands.about(specs));
            this.table = new CommandTable(specs);
        }

        @Override
        protected void initChannel(Channel channel) {
            if (facts.clients().incrementAndGet() > MAX_CLIENTS) {
                byte[] error =
                        "-ERR max number of clients reached\r\n"
                                .getBytes(StandardCharsets.US_ASCII);
                channel.writeAndFlush(channel.alloc().buffer().writeBytes(error))
                        .addListener(ChannelFutureListener.CLOSE);
            } else {
                Session session = new Session(facts.connections().incrementAndGet(), facts);
                channel.pipeline()
                        .addLast(
                                new RedisDecoder(
                                        MAX_LINE_BYTES, FixedRedisMessagePool.INSTANCE, true))
                        .addLast(new RequestAssembler(MAX_REQUEST_BYTES))
                        .addLast(new Connection(table, store, session, MAX_REQUEST_BYTES));
            }
            channels.add(channel);
            channel.closeFuture().addListener(closed -> facts.clients().decrementAndGet());
        }
    }
}
