package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that this host dialled: it carries this host's messages, and brings only answers
 * about itself.
 */
final class DialledConnection extends FrameReader {
    private static final Logger LOG = LoggerFactory.getLogger(NettyTransport.class);
    private static final byte[] NO_PREFIX = {};
    private static final SecureRandom CHALLENGES = new SecureRandom();

    private final LocalHost host;
    private final NodeId peer;
    private final Owner owner;
    private final long challenge = CHALLENGES.nextLong();
    private boolean greeted;
    private boolean answered;

    /** Who dialled, and hears how it went. */
    interface Owner {
        void proven(Channel channel);

        void pong();
    }

    DialledConnection(LocalHost host, NodeId peer, Owner owner) {
        super(NO_PREFIX, HandshakeFrames.MAX_BYTES);
        this.host = host;
        this.peer = peer;
        this.owner = owner;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        Frame.Hello hello =
                new Frame.Hello(
                        Handshake.MIN_VERSION,
                        Handshake.MAX_VERSION,
                        host.self,
                        peer,
                        challenge,
                        (int) host.options.keepaliveInterval().toMillis());
        ctx.writeAndFlush(
                Unpooled.wrappedBuffer(HandshakeFrames.magic(), HandshakeFrames.encode(hello)));
        greeted = true;
        host.loop.schedule(
                () -> {
                    if (!answered && ctx.channel().isActive()) {
                        host.tally.handshakeTimeouts.increment();
                        stop();
                        ctx.close();
                    }
                },
                host.options.handshakeTimeout().toNanos(),
                TimeUnit.NANOSECONDS);
    }

    @Override
    void frame(ChannelHandlerContext ctx, byte[] bytes) {
        Frame frame;
        try {
            frame = host.decoder.decode(bytes, null);
        } catch (IOException | IllegalArgumentException e) {
            stop();
            malformed(ctx, String.valueOf(e.getMessage()));
            return;
        }
        if (frame == Frame.Signal.PONG && answered) {
            owner.pong();
        } else if (frame instanceof Frame.HelloAck ack && greeted && !answered) {
            acknowledged(ctx, ack);
        } else if (frame instanceof Frame.Refusal refusal) {
            refusedByPeer(ctx, refusal.fault());
        } else if (frame instanceof Frame.Unknown && answered) {
            host.tally.unknownDropped.increment();
        } else {
            stop();
            malformed(ctx, "a frame that is out of place here");
        }
    }

    private void acknowledged(ChannelHandlerContext ctx, Frame.HelloAck ack) {
        String at = LocalHost.remote(ctx.channel());
        Fault fault = host.handshake.faultOf(ack, challenge, peer, at);
        if (fault == null) {
            fault = host.claims.dial(ack.host(), ctx.channel(), at);
        }
        answered = true;
        if (fault != null) {
            stop();
            host.tally.connectionsRefused.increment();
            ctx.writeAndFlush(
                            Unpooled.wrappedBuffer(
                                    HandshakeFrames.encode(new Frame.Refusal(fault))))
                    .addListener(ChannelFutureListener.CLOSE);
            host.refusals.tell(peer, refusalKey(), fault);
            return;
        }
        host.refusals.forget(refusalKey());
        owner.proven(ctx.channel());
    }

    private void refusedByPeer(ChannelHandlerContext ctx, Fault fault) {
        answered = true;
        stop();
        host.tally.connectionsRefused.increment();
        ctx.close();
        host.refusals.tell(
                peer,
                refusalKey(),
                new Fault(
                        fault.code(),
                        peer
                                + " at "
                                + LocalHost.remote(ctx.channel())
                                + " refused "
                                + host.self.node()
                                + ": "
                                + fault.message()));
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
        LOG.warn(
                "{}: closed the connection to {} at {}: {}",
                host.self.node(),
                peer,
                LocalHost.remote(ctx.channel()),
                why);
        ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        stop();
        if (!(cause instanceof IOException)) {
            LOG.error("{}: failed on the connection to {}", host.self.node(), peer, cause);
        }
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        host.claims.release(peer, ctx.channel());
    }

    private String refusalKey() {
        return "to " + peer;
    }
}
