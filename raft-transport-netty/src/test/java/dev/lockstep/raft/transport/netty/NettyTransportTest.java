package dev.lockstep.raft.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.Lane;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NettyTransportTest extends LeakChecked {
    private final TestNet net = new TestNet("n1", "n2", "n3");

    @AfterEach
    void closeAll() {
        net.close();
    }

    @Test
    void everyHostDialsEveryPeerAndEachKindOfMessageArrivesBothWays() throws IOException {
        TestHost n1 = net.start("n1");
        TestHost n2 = net.start("n2");
        n1.awaitEvent("connected n2");
        n2.awaitEvent("connected n1");
        Random random = new Random(11);
        List<Envelope> sent = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            sent.add(Samples.envelope(random, Samples.message(random, i % Samples.KINDS)));
        }
        assertThat(n1.send("n2", sent.toArray(new Envelope[0]))).isTrue();
        n2.awaitReceived(sent.size());
        for (Lane lane : Lane.values()) {
            assertThat(ofLane(lane, n2.received)).isEqualTo(ofLane(lane, sent));
        }

        Envelope back = Samples.append("n2", 1, Payload.of("back"));
        assertThat(n2.send("n1", back)).isTrue();
        n1.awaitReceived(1);
        assertThat(n1.received).containsExactly(back);
    }

    private static List<Envelope> ofLane(Lane lane, List<Envelope> all) {
        return all.stream().filter(e -> Lane.of(e.message()) == lane).toList();
    }

    @Test
    void theSpeakerIsTheNodeThatTheHandshakeProved() throws IOException {
        TestHost n1 = net.start("n1");
        TestHost n2 = net.start("n2");
        n1.awaitEvent("connected n2");
        n1.send("n2", Samples.append("n3", 1, Payload.EMPTY)); // says that it is n3
        n2.awaitReceived(1);
        assertThat(n2.received.get(0).from().node()).isEqualTo(NodeId.of("n1"));
    }

    @Test
    void theReceiverIsCalledOnTheLentLoopAndHearsTheEndOfEachBatch() throws IOException {
        TestHost n1 = net.start("n1");
        TestHost n2 = net.start("n2");
        n1.awaitEvent("connected n2");
        n1.send(
                "n2",
                Samples.append("n1", 1, Payload.of(1)),
                Samples.append("n1", 2, Payload.of(2)));
        n2.awaitReceived(2);
        await().until(() -> n2.events.get(n2.events.size() - 1).equals("endOfBatch"));
        assertThat(n2.threads).containsOnly("lockstep-net-n2");
        assertThat(n2.inLoop(() -> Thread.currentThread().getName())).isEqualTo("lockstep-net-n2");
        assertThat(n2.events).containsSubsequence("received", "received", "endOfBatch");
    }

    @Test
    void whatIsQueuedBetweenTwoFlushesArrivesAsOneBatch() throws IOException {
        TestHost n1 = net.start("n1");
        TestHost n2 = net.start("n2");
        n1.awaitEvent("connected n2");
        Envelope[] hundred = new Envelope[100];
        for (int i = 0; i < hundred.length; i++) {
            hundred[i] = Samples.append("n1", i + 1, Payload.of(i));
        }
        n1.send("n2", hundred);
        n2.awaitReceived(hundred.length);
        await().until(() -> n2.events.contains("endOfBatch"));
        // One write of about 5 kB, which loopback hands over in one piece.
        assertThat(n2.events.stream().filter("endOfBatch"::equals)).hasSize(1);
    }

    @Test
    void nothingLeavesBeforeTheFlush() throws IOException {
        TestHost n1 = net.start("n1");
        TestHost n2 = net.start("n2");
        n1.awaitEvent("connected n2");
        n1.inLoop(() -> n1.transport.send(NodeId.of("n2"), Samples.append("n1", 1, Payload.of(1))));
        net.start("n3").awaitEvent("connected n2"); // a sign that n2 has gone on meanwhile
        assertThat(n2.received).isEmpty();
        n1.inLoop(
                () -> {
                    n1.transport.flush();
                    return null;
                });
        n2.awaitReceived(1);
    }

    @Test
    void sendIsRefusedWhileThePeerIsNotConnected() throws IOException {
        TestHost n1 = net.start("n1");
        assertThat(n1.send("n2", Samples.append("n1", 1, Payload.EMPTY))).isFalse();
        assertThat(n1.send("n9", Samples.append("n1", 1, Payload.EMPTY))).isFalse();
        assertThat(n1.counters().sendsRefused()).isEqualTo(2);
    }

    @Test
    void aRestartedPeerIsConnectedAgain() throws IOException {
        TestHost n1 = net.start("n1");
        TestHost n2 = net.start("n2");
        n1.awaitEvent("connected n2");
        n2.close();
        n1.awaitEvent("disconnected n2");
        assertThat(n1.send("n2", Samples.append("n1", 1, Payload.EMPTY))).isFalse();

        TestHost again = net.start(Samples.identity("n2", 2), TestNet.FAST);
        n1.awaitEvents("connected n2", 2);
        again.awaitEvent("connected n1");
        assertThat(n1.send("n2", Samples.append("n1", 1, Payload.EMPTY))).isTrue();
        again.awaitReceived(1);
        assertThat(n1.refusals).isEmpty();
    }

    @Test
    void aNameIsLookedUpAgainAtEachDial() throws IOException {
        TestHost n1 =
                net.start("n1"); // n2's name is unknown at first: that is no reason to give up
        TestHost n2 = net.start("n2");
        n1.awaitEvent("connected n2");
        n2.close();
        TestHost moved = net.start(Samples.identity("n2", 2), TestNet.FAST);
        n1.awaitEvents("connected n2", 2);
        assertThat(moved.address()).isNotEqualTo(n1.address());
        assertThat(n1.send("n2", Samples.append("n1", 1, Payload.EMPTY))).isTrue();
        moved.awaitReceived(1);
    }

    @Test
    void aNameServerThatHangsHoldsUpNeitherTheLoopNorOtherPeers() throws IOException {
        CountDownLatch answer = new CountDownLatch(1);
        net.onLookUp =
                peer -> {
                    if (peer.node().equals(NodeId.of("n3"))) {
                        try {
                            answer.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt(); // the transport closes
                        }
                    }
                };
        TestHost n1 = net.start("n1");
        TestHost n2 = net.start("n2");
        n1.awaitEvent("connected n2");
        assertThat(n1.send("n2", Samples.append("n1", 1, Payload.EMPTY))).isTrue();
        n2.awaitReceived(1);
        net.start("n3");
        answer.countDown();
        n1.awaitEvent("connected n3");
    }

    @Test
    void sendIsRefusedOnceThePeersQueueIsFullAndGoesOnWhenItReads() throws Exception {
        NettyOptions small = TestNet.FAST.with().maxQueuedLogBytes(1 << 20).build();
        try (ServerSocket server = RawPeer.listen()) {
            server.setReceiveBufferSize(4096);
            net.name("n2", (InetSocketAddress) server.getLocalSocketAddress());
            TestHost n1 = net.start(Samples.identity("n1", 1), small);
            RawPeer n2 = RawPeer.answer(server, Samples.identity("n2", 1));
            n1.awaitEvent("connected n2");
            Envelope big = Samples.append("n1", 1, Payload.wrap(new byte[100_000]));
            int accepted = 0;
            while (n1.send("n2", big)) {
                accepted++;
                assertThat(accepted).as("the queue has a bound").isLessThan(1000);
            }
            assertThat(n1.counters().sendsRefused()).isEqualTo(1);
            for (int i = 0; i < accepted; i++) {
                assertThat(n2.read()).isInstanceOf(Frame.Carried.class);
            }
            await().until(() -> n1.send("n2", big));
            n2.close();
        }
    }

    @Test
    void aHeartbeatOvertakesTheQueueOfAPeerThatDoesNotRead() throws Exception {
        try (ServerSocket server = RawPeer.listen()) {
            server.setReceiveBufferSize(4096);
            net.name("n2", (InetSocketAddress) server.getLocalSocketAddress());
            TestHost n1 = net.start("n1");
            RawPeer n2 = RawPeer.answer(server, Samples.identity("n2", 1));
            n1.awaitEvent("connected n2");
            Envelope big = Samples.append("n1", 1, Payload.wrap(new byte[100_000]));
            int queued = 0;
            while (n1.send("n2", big)) {
                queued++;
            }
            assertThat(queued).isGreaterThan(300);
            Envelope heartbeat = new Envelope(7, big.from(), new Heartbeat(1, 0, 0));
            assertThat(n1.send("n2", heartbeat)).isTrue();
            int before = 0;
            while (!((Frame.Carried) n2.read()).envelope().message().equals(heartbeat.message())) {
                before++;
            }
            // What the socket had already: two times 128 KiB, and what the system adds.
            assertThat(before).as("of %d appends", queued).isLessThan(20);
            n2.close();
        }
    }

    @Test
    void aPayloadOf64MebibytesFitsAndALargerFrameIsNotSent() throws IOException {
        NettyOptions one = TestNet.FAST.with().maxFrameBytes(1 << 20).build();
        TestHost n1 = net.start("n1");
        TestHost n2 = net.start("n2");
        TestHost n3 = net.start(Samples.identity("n3", 1), one);
        n1.awaitEvent("connected n2");
        n3.awaitEvent("connected n2");
        byte[] bytes = new byte[64 << 20];
        new Random(1).nextBytes(bytes);
        Envelope large = Samples.append("n1", 1, Payload.wrap(bytes));
        assertThat(n1.send("n2", large)).isTrue();
        n2.awaitReceived(1);
        assertThat(n2.received.get(0).equals(large)).isTrue();
        assertThat(n3.send("n2", large)).isFalse();
    }

    @Test
    void aPeerThatDoesNotAnswerPingsIsDialledAgain() throws Exception {
        NettyOptions impatient =
                TestNet.FAST
                        .with()
                        .keepaliveInterval(Duration.ofMillis(20))
                        .keepaliveTimeout(Duration.ofMillis(100))
                        .build();
        try (ServerSocket server = RawPeer.listen()) {
            net.name("n2", (InetSocketAddress) server.getLocalSocketAddress());
            TestHost n1 = net.start(Samples.identity("n1", 1), impatient);
            RawPeer mute = RawPeer.answer(server, Samples.identity("n2", 1));
            n1.awaitEvent("disconnected n2");
            assertThat(n1.counters().keepaliveTimeouts()).isEqualTo(1);
            RawPeer again = RawPeer.answer(server, Samples.identity("n2", 1));
            n1.awaitEvents("connected n2", 2);
            mute.close();
            again.close();
        }
    }

    @Test
    void anIdleConnectionOfTwoLivingHostsStaysUp() throws IOException {
        NettyOptions eager =
                TestNet.FAST
                        .with()
                        .keepaliveInterval(Duration.ofMillis(2))
                        .keepaliveTimeout(Duration.ofSeconds(5))
                        .build();
        TestHost n1 = net.start(Samples.identity("n1", 1), eager);
        TestHost n2 = net.start(Samples.identity("n2", 1), eager);
        n1.awaitEvent("connected n2");
        long before = n2.counters().bytesReceived();
        await().until(() -> n2.counters().bytesReceived() > before + 200); // some twenty pings
        assertThat(n1.events).doesNotContain("disconnected n2");
    }

    @Test
    void aReceiverThatThrowsLosesThatConnectionAndNoOther() throws IOException {
        TestHost n1 = net.start("n1");
        TestHost n2 = net.start("n2");
        TestHost n3 = net.start("n3");
        n1.awaitEvent("connected n2");
        n3.awaitEvent("connected n2");
        AtomicBoolean thrown = new AtomicBoolean();
        n2.onReceived =
                envelope -> {
                    if (thrown.compareAndSet(false, true)) {
                        throw new IllegalStateException("for the test");
                    }
                };
        n1.send("n2", Samples.append("n1", 1, Payload.EMPTY));
        n1.awaitEvent("disconnected n2");
        n1.awaitEvents("connected n2", 2);
        assertThat(n2.counters().receiverFailures()).isEqualTo(1);
        assertThat(n3.events).doesNotContain("disconnected n2");
        assertThat(n3.send("n2", Samples.append("n3", 1, Payload.EMPTY))).isTrue();
        n2.awaitReceived(2);
    }

    @Test
    void theLentLoopKeepsDeadlinesAndForgetsWhatIsCancelled() throws Exception {
        TestHost n1 = net.start("n1");
        EventLoop loop = n1.transport.loop();
        assertThat(loop.inLoop()).isFalse();
        assertThat(n1.inLoop(loop::inLoop)).isTrue();

        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20);
        CompletableFuture<Long> at = new CompletableFuture<>();
        AtomicBoolean cancelled = new AtomicBoolean();
        n1.inLoop(
                () -> {
                    loop.at(deadline - 1, () -> cancelled.set(true)).cancel();
                    return loop.at(deadline, () -> at.complete(System.nanoTime()));
                });
        assertThat(at.get(10, TimeUnit.SECONDS) - deadline).isGreaterThanOrEqualTo(0);
        assertThat(cancelled).isFalse();

        CompletableFuture<String> past = new CompletableFuture<>();
        loop.at(System.nanoTime() - 1, () -> past.complete("run"));
        assertThat(past.get(10, TimeUnit.SECONDS)).isEqualTo("run");
        loop.close();
        assertThat(n1.inLoop(() -> "still runs")).isEqualTo("still runs");
    }

    @Test
    void closeEndsTheThreadAndTellsTheReceiverNothingMore() throws IOException {
        TestHost n1 = net.start("n1");
        TestHost n2 = net.start("n2");
        n1.awaitEvent("connected n2");
        n2.awaitEvent("connected n1");
        Thread loop = n1.inLoop(Thread::currentThread);
        n1.close();
        await().until(() -> !loop.isAlive()); // it runs no task any more, and is about to end
        assertThat(n1.events).doesNotContain("disconnected n2");
        n2.awaitEvent("disconnected n1");
        n1.close(); // a second one does nothing
    }

    @Test
    void closeFromInsideTheLoopDoesNotWaitForItself() throws Exception {
        TestHost n1 = net.start("n1");
        Thread loop = n1.inLoop(Thread::currentThread);
        n1.inLoop(
                () -> {
                    n1.transport.close();
                    return null;
                });
        await().until(() -> !loop.isAlive());
    }

    @Test
    void aTransportIsStartedOnce() throws IOException {
        TestHost n1 = net.start("n1");
        assertThatThrownBy(
                        () ->
                                n1.transport.start(
                                        Samples.identity("n1", 1),
                                        List.of(PeerAddress.parse("n1=127.0.0.1:1")),
                                        n1))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anAddressInUseIsNamedInTheError() throws IOException {
        TestHost n1 = net.start("n1");
        NettyOptions same = TestNet.FAST.with().bindAddress(n1.address()).build();
        assertThatThrownBy(() -> net.start(Samples.identity("n2", 1), same))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("n2")
                .hasMessageContaining(String.valueOf(n1.address().getPort()));
    }

    @Test
    void aPeerListMustNameThisHostAndEachNodeOnce() {
        NettyTransport transport = NettyTransport.plaintext();
        assertThatThrownBy(
                        () ->
                                transport.start(
                                        Samples.identity("n1", 1),
                                        List.of(PeerAddress.parse("n2=127.0.0.1:1")),
                                        new TestHost(NodeId.of("n1"), transport)))
                .hasMessageContaining("n1");
        NettyTransport other = NettyTransport.plaintext();
        assertThatThrownBy(
                        () ->
                                other.start(
                                        Samples.identity("n1", 1),
                                        List.of(
                                                PeerAddress.parse("n1=127.0.0.1:1"),
                                                PeerAddress.parse("n1=127.0.0.1:2")),
                                        new TestHost(NodeId.of("n1"), other)))
                .hasMessageContaining("twice");
    }

    @Test
    void itListensOnItsOwnAddressInThePeerList() throws IOException {
        int port = 0;
        for (int attempt = 1; port == 0; attempt++) {
            int free;
            try (ServerSocket probe = RawPeer.listen()) {
                free = probe.getLocalPort();
            }
            NettyTransport transport = NettyTransport.plaintext();
            try {
                transport.start(
                        Samples.identity("n1", 1),
                        List.of(PeerAddress.parse("n1=localhost:" + free)),
                        new TestHost(NodeId.of("n1"), transport));
                port = free;
                new Socket("localhost", port).close();
            } catch (IOException e) {
                if (attempt == 5) { // somebody took the port in between
                    throw e;
                }
            } finally {
                transport.close();
            }
        }
        assertThat(port).isPositive();
    }
}
