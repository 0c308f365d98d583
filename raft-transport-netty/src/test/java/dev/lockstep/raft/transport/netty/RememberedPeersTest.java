package dev.lockstep.raft.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.HostIdentity;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a host remembers decides whom it takes messages from, and it has to be durable first. */
class RememberedPeersTest extends LeakChecked {
    private final TestNet net = new TestNet("n1", "n2");
    private final List<HostIdentity> asked = new CopyOnWriteArrayList<>();
    private final List<Consumer<Fault>> verdicts = new CopyOnWriteArrayList<>();

    @AfterEach
    void closeAll() {
        net.close();
    }

    /** Its disk answers when the test says so. */
    private TestHost startHeld(NettyOptions options) throws IOException {
        TestHost host = net.start(Samples.identity("n1", 1), options);
        host.memory =
                (peer, verdict) -> {
                    asked.add(peer);
                    verdicts.add(verdict);
                };
        return host;
    }

    /** The verdict of another thread, as a disk's would be. */
    private void decide(int which, Fault fault) {
        await().until(() -> verdicts.size() > which);
        Thread disk = new Thread(() -> verdicts.get(which).accept(fault));
        disk.start();
    }

    @Test
    void whoDialsIsNotHeardBeforeItsStartIsDurable() throws IOException {
        TestHost n1 = startHeld(TestNet.FAST);
        HostIdentity n2 = Samples.identity("n2", 4);
        try (RawPeer peer = RawPeer.dial(n1.address())) {
            peer.send(HandshakeFrames.magic(), RawPeer.hello(n2, "n1"));
            await().until(() -> asked.contains(n2));
            assertThat(n1.inLoop(peer::hasAnswer)).isFalse();
            decide(0, null);
            assertThat(peer.read()).isInstanceOf(Frame.HelloAck.class);
            peer.send(new Codec().encode(Samples.append("n2", 1, Payload.EMPTY)));
            n1.awaitReceived(1);
        }
    }

    @Test
    void nothingIsSentToWhoWasDialledBeforeItsStartIsDurable() throws IOException {
        try (ServerSocket server = RawPeer.listen()) {
            TestHost n1 = startHeld(TestNet.FAST);
            net.name("n2", (InetSocketAddress) server.getLocalSocketAddress());
            RawPeer n2 = RawPeer.answer(server, Samples.identity("n2", 4));
            await().until(() -> !asked.isEmpty());
            assertThat(n1.send("n2", Samples.append("n1", 1, Payload.EMPTY))).isFalse();
            assertThat(n1.events).doesNotContain("connected n2");
            decide(0, null);
            n1.awaitEvent("connected n2");
            assertThat(n1.send("n2", Samples.append("n1", 1, Payload.EMPTY))).isTrue();
            assertThat(n2.read()).isInstanceOf(Frame.Carried.class);
            n2.close();
        }
    }

    @Test
    void whoIsRefusedIsToldWhyInBothDirectionsAndNothingOfItTaken() throws IOException {
        Fault reverted = new Fault(Fault.Code.LOG_REVERTED, "boot 4, and boot 5 was seen.");
        Fault disk = new Fault(Fault.Code.STORAGE_FAILED, "it could not be written.");
        TestHost n1 = startHeld(TestNet.FAST);
        n1.memory = (peer, verdict) -> verdict.accept(peer.boot() == 4 ? reverted : disk);
        for (Fault expected : List.of(reverted, disk)) {
            HostIdentity n2 = Samples.identity("n2", expected.equals(reverted) ? 4 : 5);
            try (RawPeer peer = RawPeer.dial(n1.address())) {
                peer.send(
                        HandshakeFrames.magic(),
                        RawPeer.hello(n2, "n1"),
                        new Codec().encode(Samples.append("n2", 1, Payload.EMPTY)));
                assertRefused(peer, expected);
            }
            try (ServerSocket server = RawPeer.listen()) {
                net.name("n2", (InetSocketAddress) server.getLocalSocketAddress());
                RawPeer peer = RawPeer.answer(server, n2);
                assertRefused(peer, expected);
                peer.close();
            }
        }
        await().untilAsserted(
                        () ->
                                assertThat(n1.refusals)
                                        .extracting(Fault::code)
                                        .containsOnly(
                                                Fault.Code.LOG_REVERTED, Fault.Code.STORAGE_FAILED)
                                        .hasSizeGreaterThanOrEqualTo(4));
        assertThat(n1.events).doesNotContain("received", "connected n2");
    }

    private static void assertRefused(RawPeer peer, Fault why) throws IOException {
        Frame.Refusal refusal = (Frame.Refusal) peer.read();
        assertThat(refusal.fault().code()).isEqualTo(why.code());
        assertThat(refusal.fault().message()).contains("n2", why.message());
        assertThat(peer.closedByOther()).isTrue();
    }

    @Test
    void aDiskThatHangsEndsTheHandshakeAtItsDeadlineAndALateVerdictChangesNothing()
            throws IOException {
        TestHost n1 =
                startHeld(TestNet.FAST.with().handshakeTimeout(Duration.ofMillis(100)).build());
        try (RawPeer peer = RawPeer.dial(n1.address())) {
            peer.send(HandshakeFrames.magic(), RawPeer.hello(Samples.identity("n2", 4), "n1"));
            assertThat(peer.closedByOther()).isTrue();
        }
        assertThat(n1.counters().handshakeTimeouts()).isEqualTo(1);
        n1.inLoop(
                () -> {
                    verdicts.get(0).accept(null);
                    return null;
                });
        n1.memory = (peer, verdict) -> verdict.accept(null);
        // Whom nobody greeted holds no claim: another directory of that node may come.
        HostIdentity other = Samples.identity("n2", 1);
        RawPeer.greet(
                        n1,
                        new HostIdentity(
                                other.cluster(), other.node(), Samples.uuidOf("other"), 1, 1))
                .close();
    }

    @Test
    void whoGoesOnBeforeItIsAnsweredIsCutOff() throws IOException {
        TestHost n1 = startHeld(TestNet.FAST);
        HostIdentity n2 = Samples.identity("n2", 4);
        for (byte[] early :
                List.of(
                        RawPeer.hello(n2, "n1"),
                        new Codec().encode(Samples.append("n2", 1, Payload.EMPTY)))) {
            try (RawPeer peer = RawPeer.dial(n1.address())) {
                peer.send(HandshakeFrames.magic(), RawPeer.hello(n2, "n1"), early);
                assertThat(peer.closedByOther()).isTrue();
            }
        }
        assertThat(n1.counters().malformed()).isEqualTo(2);
        verdicts.forEach(verdict -> verdict.accept(null));
        assertThat(n1.inLoop(() -> n1.received.isEmpty())).isTrue();
    }

    @Test
    void oneOfTwoProcessesThatWaitTogetherIsTaken() throws IOException {
        TestHost n1 = startHeld(TestNet.FAST);
        HostIdentity first = Samples.identity("n2", 4);
        HostIdentity second =
                new HostIdentity(first.cluster(), first.node(), Samples.uuidOf("other"), 1, 1);
        try (RawPeer one = RawPeer.dial(n1.address());
                RawPeer other = RawPeer.dial(n1.address())) {
            one.send(HandshakeFrames.magic(), RawPeer.hello(first, "n1"));
            await().until(() -> asked.contains(first));
            other.send(HandshakeFrames.magic(), RawPeer.hello(second, "n1"));
            await().until(() -> asked.contains(second));
            decide(0, null);
            assertThat(one.read()).isInstanceOf(Frame.HelloAck.class);
            decide(1, null);
            Frame.Refusal refusal = (Frame.Refusal) other.read();
            assertThat(refusal.fault().message()).contains("two processes use node id n2");
        }
    }
}
