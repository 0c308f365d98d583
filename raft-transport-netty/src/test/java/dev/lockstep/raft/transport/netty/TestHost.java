package dev.lockstep.raft.transport.netty;

import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.PeerBoots;
import dev.lockstep.raft.spi.Transport;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A transport and all that its receiver was told. */
final class TestHost implements Transport.Receiver {
    final NodeId node;
    final NettyTransport transport;
    final List<Envelope> received = new CopyOnWriteArrayList<>();

    /** Received, endOfBatch, connected and so on, in order, as text. */
    final List<String> events = new CopyOnWriteArrayList<>();

    final List<Fault> refusals = new CopyOnWriteArrayList<>();
    final List<String> threads = new CopyOnWriteArrayList<>();
    volatile Consumer<Envelope> onReceived = envelope -> {};

    /** What this host remembers of its peers. */
    volatile PeerBoots memory = PeerBoots.NONE;

    TestHost(NodeId node, NettyTransport transport) {
        this.node = node;
        this.transport = transport;
    }

    InetSocketAddress address() {
        return transport.boundAddress();
    }

    /** Runs in the lent loop and waits for it. */
    <T> T inLoop(Callable<T> task) {
        CompletableFuture<T> done = new CompletableFuture<>();
        transport
                .loop()
                .execute(
                        () -> {
                            try {
                                done.complete(task.call());
                            } catch (Throwable e) {
                                done.completeExceptionally(e);
                            }
                        });
        return done.join();
    }

    /** Sends and flushes each. */
    boolean send(String to, Envelope... envelopes) {
        return inLoop(
                () -> {
                    boolean all = true;
                    for (Envelope envelope : envelopes) {
                        all &= transport.send(NodeId.of(to), envelope);
                    }
                    transport.flush();
                    return all;
                });
    }

    void awaitEvent(String event) {
        await("event '" + event + "' of " + node).until(() -> events.contains(event));
    }

    void awaitEvents(String event, int count) {
        await(count + " times '" + event + "' of " + node)
                .until(() -> events.stream().filter(event::equals).count() >= count);
    }

    void awaitReceived(int count) {
        await(count + " envelopes at " + node).until(() -> received.size() >= count);
    }

    void awaitRefusal() {
        await("a refusal at " + node).until(() -> !refusals.isEmpty());
    }

    NettyCounters counters() {
        return transport.counters();
    }

    void close() {
        transport.close();
    }

    @Override
    public PeerBoots peerBoots() {
        return (peer, verdict) -> memory.meet(peer, verdict);
    }

    @Override
    public void received(Envelope envelope) {
        threads.add(Thread.currentThread().getName());
        received.add(envelope);
        events.add("received");
        onReceived.accept(envelope);
    }

    @Override
    public void endOfBatch() {
        events.add("endOfBatch");
    }

    @Override
    public void connected(NodeId peer) {
        events.add("connected " + peer);
    }

    @Override
    public void disconnected(NodeId peer) {
        events.add("disconnected " + peer);
    }

    @Override
    public void refused(NodeId peer, Fault fault) {
        refusals.add(fault);
        events.add("refused " + peer);
    }
}
