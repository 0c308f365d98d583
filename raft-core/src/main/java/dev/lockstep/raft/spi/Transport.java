package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerAddress;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries envelopes between the hosts of one cluster. It may lose, delay and reorder them, delivers
 * each at most once (a proposal that is forwarded twice would be appended twice), and never alters
 * one: damage is found and counts as loss. It lets neither a vote nor a heartbeat wait behind, or
 * be refused for, what is large ({@link Lane}). Used by one host only.
 */
public interface Transport extends AutoCloseable {
    /**
     * Listens on {@code self}'s address and keeps dialling the others, whoever is there yet.
     *
     * @param identity who this host is; told in every handshake
     * @param peers where all hosts are reached, this one included
     * @throws IOException when the address can't be listened on
     */
    void start(HostIdentity identity, List<PeerAddress> peers, Receiver receiver)
            throws IOException;

    /**
     * The loop on which this transport calls its receiver, lent to run the cores, so that a message
     * is stepped without a hand-off; null when there is none to lend. Valid after {@link #start},
     * until {@link #close}.
     */
    @Nullable EventLoop loop();

    /**
     * Queues the envelope; it leaves at the next {@link #flush}. Never blocks. Called on the lent
     * loop, or from one thread if none is lent.
     *
     * @return false when it surely was not and will not be sent: no connection, or the queue of the
     *     peer's {@link Lane} is full
     */
    boolean send(NodeId to, Envelope envelope);

    /** Lets everything queued leave. */
    void flush();

    /**
     * Closes every connection and the listening socket, and waits until nothing calls the receiver
     * any more.
     */
    @Override
    void close();

    /**
     * What a transport tells its host. Called on the lent loop, or, when none is lent, from any
     * thread.
     */
    interface Receiver {
        /**
         * Whom messages may be taken from: asked about each start of a peer that a connection
         * shows, before anything that this one sends is taken. Asked for once.
         */
        default PeerBoots peerBoots() {
            return PeerBoots.NONE;
        }

        void received(Envelope envelope);

        /** No more envelopes are at hand for now; comes after each batch of {@link #received}. */
        void endOfBatch();

        /** Envelopes can be sent to that node from now on. */
        void connected(NodeId peer);

        void disconnected(NodeId peer);

        /**
         * A connection to or from that node, or from somebody unknown (null), was refused by one of
         * the two sides.
         */
        void refused(@Nullable NodeId peer, Fault fault);
    }
}
