package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.spi.Envelope;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** The way to one peer: dialled, used while it holds, dialled again. Touched on the loop only. */
final class PeerLink implements DialledConnection.Owner {
    private static final Logger LOG = PeerConnection.LOG;

    private final LocalHost host;
    private final PeerAddress address;
    private final Bootstrap bootstrap;
    private final Executor lookups;
    private final NameLookup lookup;

    private int dials;
    private long backoffNanos;
    private @Nullable String lastFailure;
    private @Nullable Future<?> redial;
    private @Nullable Channel channel;
    private @Nullable OutboundQueue queue;
    private @Nullable Keepalive keepalive;
    private @Nullable Future<?> keepaliveTicks;

    /**
     * @param bootstrap makes the connections; no handler set
     * @param lookups runs what may wait for a name server
     */
    PeerLink(
            LocalHost host,
            PeerAddress address,
            Bootstrap bootstrap,
            Executor lookups,
            NameLookup lookup) {
        this.host = host;
        this.address = address;
        this.bootstrap = bootstrap;
        this.lookups = lookups;
        this.lookup = lookup;
        this.backoffNanos = host.options.minBackoff().toNanos();
    }

    boolean send(Envelope envelope) {
        OutboundQueue to = queue;
        if (to == null) {
            return false;
        }
        long size = host.encoder.measure(envelope);
        if (size - FrameEncoder.HEADER_BYTES > host.options.maxFrameBytes()) {
            LOG.error(
                    "{}: a message of {} bytes for {} is above maxFrameBytes {} and can't be sent",
                    host.self.node(),
                    size,
                    peer(),
                    host.options.maxFrameBytes());
            return false;
        }
        return to.offer(envelope, (int) size);
    }

    void flush() {
        if (queue != null) {
            queue.flush();
        }
    }

    void dial() {
        redial = null;
        int dial = dials++;
        try {
            lookups.execute(() -> lookUp(dial));
        } catch (RejectedExecutionException e) {
            if (!host.closed) {
                failed("no thread could look up its name: " + e.getMessage());
            }
        }
    }

    private void lookUp(int dial) {
        Runnable next;
        try {
            InetSocketAddress found = lookup.lookUp(address, dial);
            next = () -> connect(found);
        } catch (UnknownHostException | RuntimeException e) {
            next = () -> failed("its name can't be resolved: " + e.getMessage());
        }
        try {
            host.loop.execute(next);
        } catch (RejectedExecutionException e) {
            LOG.trace("{}: closed while it looked up {}", host.self.node(), address);
        }
    }

    private void connect(InetSocketAddress where) {
        if (host.closed) {
            return;
        }
        ChannelFuture connecting =
                bootstrap.clone().handler(new DialledConnection(host, peer(), this)).connect(where);
        channel = connecting.channel();
        connecting.addListener(
                done -> {
                    if (done.isSuccess()) {
                        connecting.channel().closeFuture().addListener(closed -> lost());
                    } else if (!host.closed) {
                        failed(String.valueOf(done.cause().getMessage()));
                    }
                });
    }

    @Override
    public void proven(Channel proven) {
        LOG.info("{}: connected to {}", host.self.node(), address);
        lastFailure = null;
        backoffNanos = host.options.minBackoff().toNanos();
        OutboundQueue opened = new OutboundQueue(proven, host.encoder, host.options);
        queue = opened;
        Keepalive watch = new Keepalive(opened, host.options.keepaliveTimeout());
        keepalive = watch;
        long everyNanos = host.options.keepaliveInterval().toNanos();
        keepaliveTicks =
                host.loop.scheduleWithFixedDelay(
                        () -> tick(watch, proven), everyNanos, everyNanos, TimeUnit.NANOSECONDS);
        host.receiver.connected(peer());
    }

    private void tick(Keepalive watch, Channel watched) {
        if (watch.tick(System.nanoTime())) {
            host.tally.keepaliveTimeouts.increment();
            LOG.warn(
                    "{}: {} doesn't answer any more; its connection is closed and dialled again",
                    host.self.node(),
                    address);
            PeerConnection.close(watched);
        }
    }

    @Override
    public void pong() {
        if (keepalive != null) {
            keepalive.pong();
        }
    }

    /** The peer has just shown that it is there, so a wait for the next dial would be wasted. */
    void nudge() {
        if (redial != null && redial.cancel(false)) {
            dial();
        }
    }

    private void lost() {
        channel = null;
        OutboundQueue closed = queue;
        if (closed != null) {
            queue = null;
            keepalive = null;
            closed.discard();
            if (keepaliveTicks != null) {
                keepaliveTicks.cancel(false);
            }
            if (host.closed) {
                return;
            }
            LOG.info("{}: lost the connection to {}", host.self.node(), address);
            host.receiver.disconnected(peer());
        }
        if (!host.closed) {
            dialLater();
        }
    }

    private void failed(String why) {
        channel = null;
        if (!why.equals(lastFailure)) {
            lastFailure = why;
            LOG.info("{}: can't reach {}, and keeps trying: {}", host.self.node(), address, why);
        }
        dialLater();
    }

    private void dialLater() {
        long waitNanos = backoffNanos - ThreadLocalRandom.current().nextLong(backoffNanos / 2 + 1);
        backoffNanos = Math.min(backoffNanos * 2, host.options.maxBackoff().toNanos());
        redial = host.loop.schedule(this::dial, waitNanos, TimeUnit.NANOSECONDS);
    }

    void close() {
        if (redial != null) {
            redial.cancel(false);
        }
        if (channel != null) {
            PeerConnection.close(channel);
        }
    }

    private NodeId peer() {
        return address.node();
    }
}
