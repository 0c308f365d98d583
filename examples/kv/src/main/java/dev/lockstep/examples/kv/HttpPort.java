package dev.lockstep.examples.kv;

import dev.lockstep.raft.node.HostHealth;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Answers {@code /live}, {@code /ready} and {@code /metrics} over HTTP. Each connection has one
 * request and a short life, whatever it sends or takes how slowly, and there are only so many at
 * once: who holds them up, holds up nobody but those who ask for the same.
 */
final class HttpPort implements AutoCloseable {
    static final int MAX_CONNECTIONS = 64;
    private static final int MAX_LINE_BYTES = 1024;
    private static final int MAX_HEADER_BYTES = 8 * 1024;
    private static final Duration LIFETIME = Duration.ofSeconds(10);

    private final EventLoopGroup loops;
    private final Channel listening;
    private final ChannelGroup channels =
            new DefaultChannelGroup("http clients", GlobalEventExecutor.INSTANCE);

    /** What the answers are made of. */
    record Pages(Supplier<HostHealth> health, Supplier<String> metrics) {}

    private HttpPort(
            EventLoopGroup loops, InetSocketAddress address, Pages pages, Duration lifetime)
            throws IOException {
        this.loops = loops;
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(loops)
                        .channel(NioServerSocketChannel.class)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childHandler(new Accept(pages, lifetime))
                        .bind(address)
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "can't listen on "
                            + address.getHostString()
                            + ":"
                            + address.getPort()
                            + " for HTTP: "
                            + bound.cause().getMessage());
        }
        listening = bound.channel();
    }

    /**
     * @param address where to listen; port 0 takes a free one
     * @throws IOException when it can't listen there
     */
    static HttpPort start(InetSocketAddress address, Pages pages) throws IOException {
        return start(address, pages, LIFETIME);
    }

    /**
     * @param lifetime of a connection
     */
    static HttpPort start(InetSocketAddress address, Pages pages, Duration lifetime)
            throws IOException {
        EventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory("http", true), NioIoHandler.newFactory());
        try {
            return new HttpPort(loops, address, pages, lifetime);
        } catch (IOException | RuntimeException e) {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
            throw e;
        }
    }

    int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    @Override
    public void close() {
        listening.close().awaitUninterruptibly();
        channels.close().awaitUninterruptibly();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static void end(Channel channel) {
        ChannelFuture unusedClosed = channel.close();
    }

    private final class Accept extends ChannelInitializer<Channel> {
        private final Pages pages;
        private final Duration lifetime;

        Accept(Pages pages, Duration lifetime) {
            this.pages = pages;
            this.lifetime = lifetime;
        }

        @Override
        protected void initChannel(Channel channel) {
            if (channels.size() >= MAX_CONNECTIONS) {
                end(channel);
                return;
            }
            channels.add(channel);
            var end =
                    channel.eventLoop()
                            .schedule(
                                    () -> end(channel), lifetime.toMillis(), TimeUnit.MILLISECONDS);
            channel.closeFuture().addListener(closed -> end.cancel(false));
            channel.pipeline()
                    .addLast(
                            new HttpServerCodec(
                                    new HttpDecoderConfig()
                                            .setMaxInitialLineLength(MAX_LINE_BYTES)
                                            .setMaxHeaderSize(MAX_HEADER_BYTES)))
                    .addLast(new Answer(pages));
        }
    }

    /** Answers the first request, of which the head is enough, and nothing after it. */
    private static final class Answer extends SimpleChannelInboundHandler<HttpObject> {
        private final Pages pages;
        private boolean answered;

        Answer(Pages pages) {
            this.pages = pages;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
            if (!answered && part instanceof HttpRequest request) {
                answered = true;
                FullHttpResponse response = answer(request);
                response.headers()
                        .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                        .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE)
                        .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
                if (request.method().equals(HttpMethod.HEAD)) {
                    response.content().clear();
                }
                context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            end(context.channel()); // a client that went away; there is nobody to tell
        }

        private FullHttpResponse answer(HttpRequest request) {
            if (request.decoderResult().isFailure()) {
                return text(HttpResponseStatus.BAD_REQUEST, "this is no request\n");
            }
            if (!request.method().equals(HttpMethod.GET)
                    && !request.method().equals(HttpMethod.HEAD)) {
                return text(HttpResponseStatus.METHOD_NOT_ALLOWED, "GET and HEAD only\n");
            }
            int query = request.uri().indexOf('?');
            String path = query < 0 ? request.uri() : request.uri().substring(0, query);
            return switch (path) {
                case "/live" -> verdict("live", pages.health().get().notLive());
                case "/ready" -> verdict("ready", pages.health().get().notReady());
                case "/metrics" -> text(HttpResponseStatus.OK, pages.metrics().get());
                default ->
                        text(HttpResponseStatus.NOT_FOUND, "there is /live, /ready and /metrics\n");
            };
        }

        private static FullHttpResponse verdict(String what, List<String> reasons) {
            return reasons.isEmpty()
                    ? text(HttpResponseStatus.OK, what + "\n")
                    : text(
                            HttpResponseStatus.SERVICE_UNAVAILABLE,
                            "not " + what + "\n" + String.join("\n", reasons) + "\n");
        }

        private static FullHttpResponse text(HttpResponseStatus status, String body) {
            return new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    status,
                    Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
        }
    }
}
