package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that a peer dialled: it carries the peer's messages to this host, and only answers
 * back.
 */
final class AcceptedConnection extends FrameReader {
    private static final Logger LOG = LoggerFactory.getLogger(NettyTransport.class);

    /**
     * How many may be in their handshake at once: a flood of silent connections must not take all
     * file handles.
     */
    private static final int MOST_UNPROVEN = 256;

    /** After so many of its own keepalive intervals in silence, a peer is taken for gone. */
    private static final int SILENT_INTERVALS = 5;

    private final LocalHost host;
    private final Consumer<NodeId> onPeer;
    private @Nullable NodeId peer;
    private boolean countedUnproven;
    private boolean received;
    private long lastReadNanos;
    private boolean unknownLogged;

    /**
     * @param onPeer hears of each peer that has proven itself: it can be dialled now
     */
    AcceptedConnection(LocalHost host, Consumer<NodeId> onPeer) {
        super(HandshakeFrames.magic(), HandshakeFrames.MAX_BYTES);
        this.host = host;
        this.onPeer = onPeer;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (host.closed || host.unproven >= MOST_UNPROVEN) {
            host.tally.connectionsRefused.increment();
            stop();
            ctx.close();
            return;
        }
        host.unproven++;
        countedUnproven = true;
        host.loop.schedule(
                () -> {
                    if (countedUnproven) {
                        host.tally.handshakeTimeouts.increment();
                        stop();
                        ctx.close();
                    }
                },
                host.options.handshakeTimeout().toNanos(),
                TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        host.tally.bytesReceived.add(((ByteBuf) message).readableBytes());
        super.channelRead(ctx, message);
    }

    @Override
    void frame(ChannelHandlerContext ctx, byte[] bytes) {
        Frame frame;
        try {
            frame = host.decoder.decode(bytes, peer);
        } catch (IOException | IllegalArgumentException e) {
            stop();
            malformed(ctx, String.valueOf(e.getMessage()));
            return;
        }
        if (frame instanceof Frame.Carried carried) {
            host.tally.framesReceived.increment();
            received = true;
            host.receiver.received(carried.envelope());
        } else if (frame instanceof Frame.Hello hello && peer == null) {
            greeted(ctx, hello);
        } else if (frame == Frame.Signal.PING && peer != null) {
            ctx.write(Unpooled.wrappedBuffer(HandshakeFrames.encode(Frame.Signal.PONG)));
        } else if (frame instanceof Frame.Unknown unknown && peer != null) {
            dropped(unknown);
        } else if (frame instanceof Frame.Refusal refusal && peer != null) {
            refusedByPeer(ctx, peer, refusal.fault());
        } else {
            stop();
            malformed(ctx, "a frame that is out of place here");
        }
    }

    private void greeted(ChannelHandlerContext ctx, Frame.Hello hello) {
        NodeId node = hello.host().node();
        String from = LocalHost.remote(ctx.channel());
        Fault fault = host.handshake.faultOf(hello, from);
        boolean fromPeer = fault == null;
        if (fault == null) {
            fault = host.claims.accept(hello.host(), ctx.channel(), from);
        }
        if (fault != null) {
            refuse(ctx, fromPeer ? node : null, node, fault);
            return;
        }
        proven();
        peer = node;
        raiseLimit(host.options.maxFrameBytes());
        int version = Math.min(hello.maxVersion(), Handshake.MAX_VERSION);
        ctx.writeAndFlush(
                Unpooled.wrappedBuffer(
                        HandshakeFrames.encode(
                                new Frame.HelloAck(version, host.self, hello.challenge()))));
        host.refusals.forget(refusalKey(node));
        watch(ctx, hello.keepaliveMillis());
        onPeer.accept(node);
    }

    private void refuse(
            ChannelHandlerContext ctx, @Nullable NodeId known, NodeId claimed, Fault fault) {
        stop();
        proven(); // the deadline has nothing to do any more
        host.tally.connectionsRefused.increment();
        ctx.writeAndFlush(Unpooled.wrappedBuffer(HandshakeFrames.encode(new Frame.Refusal(fault))))
                .addListener(ChannelFutureListener.CLOSE);
        host.refusals.tell(known, refusalKey(claimed), fault);
    }

    private void refusedByPeer(ChannelHandlerContext ctx, NodeId node, Fault fault) {
        stop();
        host.tally.connectionsRefused.increment();
        ctx.close();
        host.refusals.tell(
                node,
                refusalKey(node),
                new Fault(
                        fault.code(),
                        node + " refused " + host.self.node() + ": " + fault.message()));
    }

    /**
     * Closes when the peer's pings stop: a host that vanished must not keep its node id claimed.
     */
    private void watch(ChannelHandlerContext ctx, int keepaliveMillis) {
        long silentNanos =
                Math.max(
                        host.options.handshakeTimeout().toNanos(),
                        TimeUnit.MILLISECONDS.toNanos(Math.max(0L, keepaliveMillis))
                                * SILENT_INTERVALS);
        lastReadNanos = System.nanoTime();
        watchAfter(ctx, silentNanos, silentNanos);
    }

    private void watchAfter(ChannelHandlerContext ctx, long delayNanos, long silentNanos) {
        host.loop.schedule(
                () -> {
                    if (!ctx.channel().isActive()) {
                        return;
                    }
                    long restNanos = lastReadNanos + silentNanos - System.nanoTime();
                    if (restNanos > 0) {
                        watchAfter(ctx, restNanos, silentNanos);
                    } else {
                        host.tally.keepaliveTimeouts.increment();
                        LOG.warn(
                                "{}: {} fell silent; its connection is closed",
                                host.self.node(),
                                peer);
                        ctx.close();
                    }
                },
                delayNanos,
                TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        lastReadNanos = System.nanoTime();
        ctx.flush();
        if (received) {
            received = false;
            host.receiver.endOfBatch();
        }
    }

    private void dropped(Frame.Unknown unknown) {
        host.tally.unknownDropped.increment();
        if (!unknownLogged) {
            unknownLogged = true;
            LOG.warn(
                    "{}: {} sent {}, which this version can't take; dropped, as all further ones will be"
                            + " without a word",
                    host.self.node(),
                    peer,
                    unknown.what());
        }
    }

    @Override
    void malformed(ChannelHandlerContext ctx, String why) {
        host.tally.malformed.increment();
        closeFor(ctx, why);
    }

    @Override
    void oversize(ChannelHandlerContext ctx, long length, int limit) {
        host.tally.oversize.increment();
        closeFor(ctx, "a frame of " + length + " bytes, above the limit of " + limit);
    }

    private void closeFor(ChannelHandlerContext ctx, String why) {
        if (peer != null) {
            LOG.warn("{}: closed the connection of {}: {}", host.self.node(), peer, why);
        } else {
            // Port scanners and garbage: counted, not worth a line each.
            LOG.debug(
                    "{}: closed a connection from {}: {}",
                    host.self.node(),
                    LocalHost.remote(ctx.channel()),
                    why);
        }
        ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        stop();
        if (!(cause instanceof IOException)) {
            host.tally.receiverFailures.increment();
            LOG.error(
                    "{}: failed on a message of {}; its connection is closed",
                    host.self.node(),
                    peer,
                    cause);
        }
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        proven();
        if (peer != null) {
            host.claims.release(peer, ctx.channel());
        }
    }

    private void proven() {
        if (countedUnproven) {
            countedUnproven = false;
            host.unproven--;
        }
    }

    private static String refusalKey(NodeId node) {
        return "from " + node;
    }
}
