package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.HostIdentity;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What both directions share: nobody is believed before the handshake, and whoever talks nonsense
 * is cut off.
 */
abstract class PeerConnection extends FrameReader {
    static final Logger LOG = LoggerFactory.getLogger(NettyTransport.class);

    final LocalHost host;

    PeerConnection(LocalHost host, byte[] prefix) {
        super(prefix, HandshakeFrames.MAX_BYTES);
        this.host = host;
    }

    /**
     * @return whether the frame was in its place; else the connection is closed
     */
    abstract boolean take(ChannelHandlerContext ctx, Frame frame);

    /** Whose envelopes it brings; null when it brings none, or none yet. */
    abstract @Nullable NodeId speaker();

    /** Whether the handshake is over, however it ended. */
    abstract boolean settled();

    /** What refusals of this kind are compared by. */
    abstract String refusalKey(NodeId node);

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        host.tally.bytesReceived.add(((ByteBuf) message).readableBytes());
        super.channelRead(ctx, message);
    }

    @Override
    final void frame(ChannelHandlerContext ctx, byte[] bytes) {
        Frame frame;
        try {
            frame = host.decoder.decode(bytes, speaker());
        } catch (IOException | IllegalArgumentException e) {
            malformed(ctx, String.valueOf(e.getMessage()));
            return;
        }
        if (!take(ctx, frame)) {
            malformed(ctx, "a frame that is out of place here");
        }
    }

    final void expectHandshake(ChannelHandlerContext ctx) {
        later(
                host.options.handshakeTimeout().toNanos(),
                () -> {
                    if (!settled() && ctx.channel().isActive()) {
                        host.tally.handshakeTimeouts.increment();
                        hangUp(ctx);
                    }
                });
    }

    /**
     * Finds out whether messages of that start of the other side may be taken.
     *
     * @param then called on the loop, unless this connection has ended by then: null when it is
     *     durable here that this start was seen, else why not
     */
    final void meet(ChannelHandlerContext ctx, HostIdentity other, Consumer<@Nullable Fault> then) {
        String where = remote(ctx.channel());
        Fault claimed = host.claims.conflict(other, where);
        if (claimed != null) {
            then.accept(claimed); // who is refused anyway isn't worth remembering
            return;
        }
        host.peerBoots.meet(
                other,
                fault ->
                        onLoop(
                                () -> {
                                    if (ctx.channel().isActive()) {
                                        then.accept(
                                                fault == null
                                                        ? null
                                                        : Handshake.refused(other, where, fault));
                                    }
                                }));
    }

    private void onLoop(Runnable task) {
        if (host.loop.inEventLoop()) {
            task.run();
            return;
        }
        try {
            host.loop.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.trace("{}: closed while it wrote a peer's start down", host.self.node(), e);
        }
    }

    /** Tells the other side why, closes, and tells this side. */
    final void refuse(
            ChannelHandlerContext ctx, @Nullable NodeId known, NodeId claimed, Fault fault) {
        stop();
        host.tally.connectionsRefused.increment();
        ctx.writeAndFlush(Unpooled.wrappedBuffer(HandshakeFrames.encode(new Frame.Refusal(fault))))
                .addListener(ChannelFutureListener.CLOSE);
        host.refusals.tell(known, refusalKey(claimed), fault);
    }

    final void refusedBy(ChannelHandlerContext ctx, NodeId node, Fault fault) {
        host.tally.connectionsRefused.increment();
        String text =
                node
                        + " at "
                        + remote(ctx.channel())
                        + " refused "
                        + host.self.node()
                        + ": "
                        + fault.message();
        hangUp(ctx);
        host.refusals.tell(node, refusalKey(node), new Fault(fault.code(), text));
    }

    @Override
    final void malformed(ChannelHandlerContext ctx, String why) {
        host.tally.malformed.increment();
        cutOff(ctx, why);
    }

    @Override
    final void oversize(ChannelHandlerContext ctx, long length, int limit) {
        host.tally.oversize.increment();
        cutOff(ctx, "a frame of " + length + " bytes, above the limit of " + limit);
    }

    private void cutOff(ChannelHandlerContext ctx, String why) {
        String from = remote(ctx.channel());
        if (speaker() != null) {
            LOG.warn(
                    "{}: closed the connection of {} at {}: {}",
                    host.self.node(),
                    speaker(),
                    from,
                    why);
        } else {
            // Port scanners and garbage: counted, not worth a line each.
            LOG.debug("{}: closed a connection with {}: {}", host.self.node(), from, why);
        }
        hangUp(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) { // which is how a broken connection shows
            host.tally.receiverFailures.increment();
            LOG.error(
                    "{}: failed on what {} sent; its connection is closed",
                    host.self.node(),
                    speaker() != null ? speaker() : remote(ctx.channel()),
                    cause);
        }
        hangUp(ctx);
    }

    final void hangUp(ChannelHandlerContext ctx) {
        stop();
        close(ctx.channel());
    }

    @SuppressWarnings(
            "FutureReturnValueIgnored") // a task that fails is a bug and harms this connection only
    final void later(long delayNanos, Runnable task) {
        host.loop.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }

    /** Without waiting; a failed write ends the connection, which shows. */
    @SuppressWarnings("FutureReturnValueIgnored")
    static void write(ChannelHandlerContext ctx, byte[]... parts) {
        ctx.write(Unpooled.wrappedBuffer(parts));
    }

    /** Without waiting: the end is told to the handler. */
    @SuppressWarnings("FutureReturnValueIgnored")
    static void close(Channel channel) {
        channel.close();
    }

    /** The other side's address without its port, which differs at each dial. */
    static String remote(Channel channel) {
        SocketAddress address = channel.remoteAddress();
        return address instanceof InetSocketAddress inet
                ? inet.getAddress().getHostAddress()
                : "an address that is gone";
    }
}
