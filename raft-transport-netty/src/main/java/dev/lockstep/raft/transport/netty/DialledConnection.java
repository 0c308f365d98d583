package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * A connection that this host dialled: it carries this host's messages, and brings only answers
 * about itself.
 */
final class DialledConnection extends PeerConnection {
    private static final byte[] NO_PREFIX = {};
    private static final SecureRandom CHALLENGES = new SecureRandom();

    private final NodeId peer;
    private final Owner owner;
    private final long challenge = CHALLENGES.nextLong();
    private boolean answered;
    private boolean settled;

    /** Who dialled, and hears how it went. */
    interface Owner {
        void proven(Channel channel);

        void pong();
    }

    DialledConnection(LocalHost host, NodeId peer, Owner owner) {
        super(host, NO_PREFIX);
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
        write(ctx, HandshakeFrames.magic(), HandshakeFrames.encode(hello));
        ctx.flush();
        expectHandshake(ctx);
    }

    @Override
    boolean take(ChannelHandlerContext ctx, Frame frame) {
        if (frame instanceof Frame.Refusal refusal) {
            answered = true;
            settled = true;
            refusedBy(ctx, peer, refusal.fault());
            return true;
        }
        if (!answered) {
            if (frame instanceof Frame.HelloAck ack) {
                acknowledged(ctx, ack);
                return true;
            }
            return false;
        }
        if (frame == Frame.Signal.PONG) {
            owner.pong();
            return true;
        }
        if (frame instanceof Frame.Unknown) {
            host.tally.unknownDropped.increment();
            return true;
        }
        return false;
    }

    private void acknowledged(ChannelHandlerContext ctx, Frame.HelloAck ack) {
        answered = true;
        Fault fault = host.handshake.faultOf(ack, challenge, peer, remote(ctx.channel()));
        if (fault != null) {
            settled = true;
            refuse(ctx, peer, peer, fault);
            return;
        }
        meet(ctx, ack.host(), conflict -> met(ctx, ack, conflict));
    }

    private void met(ChannelHandlerContext ctx, Frame.HelloAck ack, @Nullable Fault conflict) {
        settled = true;
        Fault fault = conflict;
        if (fault == null) {
            fault = host.claims.dial(ack.host(), ctx.channel(), remote(ctx.channel()));
        }
        if (fault != null) {
            refuse(ctx, peer, peer, fault);
            return;
        }
        host.refusals.forget(refusalKey(peer));
        owner.proven(ctx.channel());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        host.claims.release(peer, ctx.channel());
    }

    /** Null: the peer speaks on the connection that it dialled itself. */
    @Override
    @Nullable NodeId speaker() {
        return null;
    }

    @Override
    boolean settled() {
        return settled;
    }

    @Override
    String refusalKey(NodeId node) {
        return "to " + node;
    }
}
