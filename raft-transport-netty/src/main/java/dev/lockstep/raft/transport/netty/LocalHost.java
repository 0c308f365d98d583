package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.PeerBoots;
import dev.lockstep.raft.spi.Transport;
import io.netty.channel.EventLoop;
import java.util.Set;

/** What all connections of one host share. Touched on its loop only. */
final class LocalHost {
    final HostIdentity self;
    final NettyOptions options;
    final Transport.Receiver receiver;
    final EventLoop loop;
    final Handshake handshake;
    final PeerBoots peerBoots;
    final Claims claims = new Claims();
    final RefusalLog refusals;
    final Tally tally;
    final FrameEncoder encoder;
    final FrameDecoder decoder;

    /** Set when the transport closes: nothing is dialled, accepted or told from then on. */
    boolean closed;

    /** Accepted connections that haven't proven who they are. */
    int unproven;

    LocalHost(
            HostIdentity self,
            Set<NodeId> nodes,
            NettyOptions options,
            Transport.Receiver receiver,
            EventLoop loop,
            Tally tally) {
        this.self = self;
        this.options = options;
        this.receiver = receiver;
        this.peerBoots = receiver.peerBoots();
        this.loop = loop;
        this.tally = tally;
        this.handshake = new Handshake(self, nodes);
        this.refusals = new RefusalLog(self.node(), receiver);
        MessageFormats formats = new MessageFormats();
        this.encoder = new FrameEncoder(formats);
        this.decoder = new FrameDecoder(formats);
    }
}
