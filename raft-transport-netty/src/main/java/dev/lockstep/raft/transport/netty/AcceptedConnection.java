package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection that a peer dialled: it carries the peer's messages to this host, and only answers
 * back.
 */
final class AcceptedConnection extends PeerConnection {
    /**
     * How many may be in their handshake at once: a flood of silent ones must not take all file
     * handles.
     */
    private static final int MOST_UNPROVEN = 256;

    /** After so many of its own keepalive intervals in silence, a peer is taken for gone. */
    private static final int SILENT_INTERVALS = 5;

    private static final byte[] PONG = HandshakeFrames.encode(Frame.Signal.PONG);

    private final Consumer<NodeId> onPeer;
    private @Nullable NodeId peer;
    private boolean greeted;
    private boolean unproven;
    private boolean received;
    private boolean droppedBefore;
    private boolean silentBefore;
    private long lastReadNanos;
    private long silentNanos;

    /**
     * @param onPeer hears of each peer that has proven itself: it can be dialled now
     */
    AcceptedConnection(LocalHost host, Consumer<NodeId> onPeer) {
        super(host, HandshakeFrames.magic());
        this.onPeer = onPeer;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (host.closed || host.unproven >= MOST_UNPROVEN) {
            host.tally.connectionsRefused.increment();
            hangUp(ctx);
            return;
        }
        host.unproven++;
        unproven = true;
        expectHandshake(ctx);
    }

    @Override
    boolean take(ChannelHandlerContext ctx, Frame frame) {
        if (frame
                instanceof
                Frame.Carried carried) { // the decoder lets none pass before the handshake
            host.tally.framesReceived.increment();
            received = true;
            host.receiver.received(carried.envelope());
            return true;
        }
        if (peer == null) {
            if (frame instanceof Frame.Hello hello && !greeted) {
                greeted = true;
                greeted(ctx, hello);
                return true;
            }
            return false;
        }
        if (frame == Frame.Signal.PING) {
            if (!ctx.channel().isWritable()) {
                return false; // it asks and never reads the answers
            }
            write(ctx, PONG);
            return true;
        }
        if (frame instanceof Frame.Unknown unknown) {
            dropped(unknown);
            return true;
        }
        if (frame instanceof Frame.Refusal refusal) {
            refusedBy(ctx, peer, refusal.fault());
            return true;
        }
        return false;
    }

    private void greeted(ChannelHandlerContext ctx, Frame.Hello hello) {
        Fault fault = host.handshake.faultOf(hello, remote(ctx.channel()));
        if (fault != null) {
            settle();
            refuse(ctx, null, hello.host().node(), fault);
            return;
        }
        meet(ctx, hello.host(), conflict -> met(ctx, hello, conflict));
    }

    private void met(ChannelHandlerContext ctx, Frame.Hello hello, @Nullable Fault conflict) {
        settle();
        NodeId node = hello.host().node();
        Fault fault = conflict;
        if (fault == null) {
            fault = host.claims.accept(hello.host(), ctx.channel(), remote(ctx.channel()));
        }
        if (fault != null) {
            refuse(ctx, node, node, fault);
            return;
        }
        peer = node;
        raiseLimit(host.options.maxFrameBytes());
        int version = Math.min(hello.maxVersion(), Handshake.MAX_VERSION);
        write(
                ctx,
                HandshakeFrames.encode(new Frame.HelloAck(version, host.self, hello.challenge())));
        ctx.flush();
        host.refusals.forget(refusalKey(node));
        silentNanos =
                TimeUnit.MILLISECONDS.toNanos(Math.max(0, hello.keepaliveMillis()))
                        * SILENT_INTERVALS;
        silentNanos = Math.max(host.options.keepaliveTimeout().toNanos(), silentNanos);
        watchAfter(ctx, silentNanos);
        onPeer.accept(node);
    }

    private void watchAfter(ChannelHandlerContext ctx, long delayNanos) {
        later(
                delayNanos,
                () -> {
                    if (ctx.channel().isActive()) {
                        watch(ctx);
                    }
                });
    }

    /**
     * Closes when the peer's pings stop: a host that vanished must not keep its node id claimed.
     */
    private void watch(ChannelHandlerContext ctx) {
        long restNanos = lastReadNanos + silentNanos - System.nanoTime();
        if (restNanos > 0) {
            silentBefore = false;
            watchAfter(ctx, restNanos);
        } else if (!silentBefore) {
            // Seen twice: after a pause of this process the pings may lie unread in the socket.
            silentBefore = true;
            watchAfter(ctx, silentNanos / SILENT_INTERVALS);
        } else {
            host.tally.keepaliveTimeouts.increment();
            LOG.warn("{}: {} fell silent; its connection is closed", host.self.node(), peer);
            hangUp(ctx);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        lastReadNanos = System.nanoTime();
        super.channelRead(ctx, message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
        if (received) {
            received = false;
            host.receiver.endOfBatch();
        }
    }

    private void dropped(Frame.Unknown unknown) {
        host.tally.unknownDropped.increment();
        if (!droppedBefore) {
            droppedBefore = true;
            LOG.warn(
                    "{}: dropped {} of {}, which this version doesn't know; further ones are counted only",
                    host.self.node(),
                    unknown.what(),
                    peer);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        settle();
        if (peer != null) {
            host.claims.release(peer, ctx.channel());
        }
    }

    private void settle() {
        if (unproven) {
            unproven = false;
            host.unproven--;
        }
    }

    @Override
    @Nullable NodeId speaker() {
        return peer;
    }

    @Override
    boolean settled() {
        return !unproven;
    }

    @Override
    String refusalKey(NodeId node) {
        return "from " + node;
    }
}
