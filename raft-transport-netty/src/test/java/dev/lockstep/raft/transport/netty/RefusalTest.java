package dev.lockstep.raft.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.HostIdentity;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who isn't the right peer is refused, on both sides, with both names. */
class RefusalTest extends LeakChecked {
    private final TestNet net = new TestNet("n1", "n2", "n3");

    @AfterEach
    void closeAll() {
        net.close();
    }

    @Test
    void anotherClusterIsRefusedAndBothSidesNameBothIds() throws IOException {
        HostIdentity stranger = Samples.identity("n2", 1);
        stranger =
                new HostIdentity(
                        new ClusterId("other"), NodeId.of("n2"), stranger.incarnation(), 1, 5);
        TestHost n1 = net.start("n1");
        TestHost n2 = net.start(stranger, TestNet.FAST);
        n1.awaitRefusal();
        n2.awaitRefusal();
        for (TestHost host : new TestHost[] {n1, n2}) {
            Fault fault = host.refusals.get(0);
            assertThat(fault.code()).isEqualTo(Fault.Code.WRONG_PEER);
            assertThat(fault.message()).contains("'other'", "'test'", "n1", "n2", "Correct");
            assertThat(host.events).noneMatch(event -> event.startsWith("connected"));
        }
    }

    @Test
    void aNodeAtTheAddressOfAnotherIsRefusedAndBothSidesNameBothIds() throws IOException {
        TestHost n1 = net.start("n1");
        TestHost n3 = net.startUnnamed(Samples.identity("n3", 1), TestNet.FAST);
        net.name(
                "n2",
                n3.address()); // as n1 thinks; n3 does too, and is told that it reached itself
        for (TestHost host : new TestHost[] {n1, n3}) {
            await().untilAsserted(
                            () ->
                                    assertThat(host.refusals)
                                            .anySatisfy(
                                                    fault -> {
                                                        assertThat(fault.code())
                                                                .isEqualTo(Fault.Code.WRONG_PEER);
                                                        assertThat(fault.message())
                                                                .contains("n1", "n2", "n3")
                                                                .contains("Correct the address");
                                                    }));
        }
        assertThat(n1.events).contains("refused n2").doesNotContain("connected n2");
    }

    @Test
    void theDiallingSideChecksWhoAnswersEvenIfThatSideDoesNot() throws IOException {
        try (ServerSocket server = RawPeer.listen()) {
            net.name("n2", (InetSocketAddress) server.getLocalSocketAddress());
            TestHost n1 = net.start("n1");
            RawPeer careless = RawPeer.answer(server, Samples.identity("n3", 1));
            Frame.Refusal refusal = (Frame.Refusal) careless.read();
            assertThat(refusal.fault().message()).contains("expected n2", "found n3");
            assertThat(careless.closedByOther()).isTrue();
            n1.awaitRefusal();
            assertThat(n1.refusals.get(0).message()).contains("expected n2", "found n3");
            careless.close();
        }
    }

    @Test
    void anAnswerToAnotherChallengeIsRefused() throws IOException {
        try (ServerSocket server = RawPeer.listen()) {
            net.name("n2", (InetSocketAddress) server.getLocalSocketAddress());
            TestHost n1 = net.start("n1");
            RawPeer replayer = new RawPeer(server.accept());
            replayer.expectMagic();
            Frame.Hello hello = (Frame.Hello) replayer.read();
            replayer.send(
                    HandshakeFrames.encode(
                            new Frame.HelloAck(
                                    1, Samples.identity("n2", 1), hello.challenge() + 1)));
            assertThat(replayer.read()).isInstanceOf(Frame.Refusal.class);
            n1.awaitRefusal();
            assertThat(n1.events).doesNotContain("connected n2");
            replayer.close();
        }
    }

    @Test
    void aNodeThatIsInNoPeerListIsRefused() throws IOException {
        TestHost n1 = net.start("n1");
        Frame.Refusal refusal = refusalOf(n1, Samples.identity("n9", 1), "n1");
        assertThat(refusal.fault().code()).isEqualTo(Fault.Code.WRONG_PEER);
        assertThat(refusal.fault().message()).contains("n9", "peer list of n1");
        n1.awaitEvent("refused null");
    }

    @Test
    void aHostThatReachesItselfIsRefusedAndToldWhy() throws IOException {
        TestHost n1 = net.start("n1");
        net.name("n2", n1.address());
        n1.awaitRefusal();
        assertThat(n1.refusals.get(0).message()).contains("n1 reached itself");
        assertThat(n1.events).doesNotContain("connected n2");
    }

    @Test
    void twoProcessesWithOneNodeIdRefuseEachOther() throws IOException {
        TestHost n1 = net.start("n1");
        HostIdentity other =
                new HostIdentity(new ClusterId("test"), NodeId.of("n1"), new UUID(1, 2), 1, 3);
        Frame.Refusal refusal = refusalOf(n1, other, "n1");
        assertThat(refusal.fault().message()).contains("two processes use node id n1");
        n1.awaitRefusal();
    }

    @Test
    void aSecondProcessIsRefusedWhileTheFirstIsConnected() throws IOException {
        TestHost n1 = net.start("n1");
        HostIdentity first = Samples.identity("n2", 4);
        RawPeer holder = RawPeer.greet(n1, first);

        HostIdentity otherDirectory =
                new HostIdentity(first.cluster(), first.node(), new UUID(1, 2), 9, 9);
        HostIdentity copy =
                new HostIdentity(first.cluster(), first.node(), first.incarnation(), 4, 9);
        for (HostIdentity second : new HostIdentity[] {otherDirectory, copy}) {
            Frame.Refusal refusal = refusalOf(n1, second, "n1");
            assertThat(refusal.fault().code()).isEqualTo(Fault.Code.WRONG_PEER);
            assertThat(refusal.fault().message()).contains("two processes use node id n2");
        }
        n1.awaitEvents("refused n2", 2);

        holder.send(new Codec().encode(Samples.append("n2", 1, Payload.of("still here"))));
        n1.awaitReceived(1);
        holder.close();
    }

    /** Which may also be bytes of an earlier process that were long on their way. */
    @Test
    void anEarlierBootIsRefusedByNameAndDoesNoHarmToTheLaterOnesConnections() throws IOException {
        try (ServerSocket server = RawPeer.listen()) {
            net.name("n2", (InetSocketAddress) server.getLocalSocketAddress());
            TestHost n1 = net.start("n1");
            HostIdentity now = Samples.identity("n2", 4);
            RawPeer dialled = RawPeer.answer(server, now);
            n1.awaitEvent("connected n2");
            RawPeer holder = RawPeer.greet(n1, now);

            Frame.Refusal refusal = refusalOf(n1, Samples.identity("n2", 3), "n1");
            assertThat(refusal.fault().code()).isEqualTo(Fault.Code.LOG_REVERTED);
            assertThat(refusal.fault().message()).contains("n2", "boot 3", "boot 4 was seen");
            n1.awaitEvent("refused n2");

            holder.send(new Codec().encode(Samples.append("n2", 1, Payload.of("still here"))));
            n1.awaitReceived(1);
            assertThat(n1.send("n2", Samples.append("n1", 1, Payload.EMPTY))).isTrue();
            assertThat(dialled.read()).isInstanceOf(Frame.Carried.class);
            assertThat(n1.events).doesNotContain("disconnected n2");
            holder.close();
            dialled.close();
        }
    }

    @Test
    void aSecondProcessIsTakenOnceTheFirstIsGone() throws IOException {
        TestHost n1 = net.start("n1");
        HostIdentity first = Samples.identity("n2", 1);
        RawPeer.greet(n1, first).close();
        HostIdentity second = new HostIdentity(first.cluster(), first.node(), new UUID(1, 2), 1, 9);
        await().until(
                        () -> {
                            try (RawPeer later = RawPeer.dial(n1.address())) {
                                later.send(HandshakeFrames.magic(), RawPeer.hello(second, "n1"));
                                return later.read() instanceof Frame.HelloAck;
                            }
                        });
    }

    @Test
    void theSameProcessAndALaterBootOfItSupersedeTheOldConnection() throws IOException {
        TestHost n1 = net.start("n1");
        RawPeer first = RawPeer.greet(n1, Samples.identity("n2", 1));
        RawPeer again = RawPeer.greet(n1, Samples.identity("n2", 1));
        assertThat(first.closedByOther()).isTrue();
        RawPeer rebooted = RawPeer.greet(n1, Samples.identity("n2", 2));
        assertThat(again.closedByOther()).isTrue();
        rebooted.send(new Codec().encode(Samples.append("n2", 1, Payload.EMPTY)));
        n1.awaitReceived(1);
        assertThat(n1.refusals).isEmpty();
        first.close();
        again.close();
        rebooted.close();
    }

    @Test
    void withoutACommonVersionBothRangesAreNamed() throws IOException {
        TestHost n1 = net.start("n1");
        try (RawPeer later = RawPeer.dial(n1.address())) {
            later.send(
                    HandshakeFrames.magic(),
                    HandshakeFrames.encode(
                            new Frame.Hello(
                                    7, 9, Samples.identity("n2", 1), NodeId.of("n1"), 1, 1000)));
            Frame.Refusal refusal = (Frame.Refusal) later.read();
            assertThat(refusal.fault().code()).isEqualTo(Fault.Code.INCOMPATIBLE_VERSION);
            assertThat(refusal.fault().message()).contains("7 to 9", "1 to 1", "n1", "n2");
            assertThat(later.closedByOther()).isTrue();
        }
        n1.awaitRefusal();
        assertThat(n1.refusals.get(0).code()).isEqualTo(Fault.Code.INCOMPATIBLE_VERSION);
    }

    @Test
    void aVersionRangeThatOverlapsIsNegotiated() throws IOException {
        TestHost n1 = net.start("n1");
        try (RawPeer later = RawPeer.dial(n1.address())) {
            later.send(
                    HandshakeFrames.magic(),
                    HandshakeFrames.encode(
                            new Frame.Hello(
                                    1, 9, Samples.identity("n2", 1), NodeId.of("n1"), 1, 1000)));
            assertThat(((Frame.HelloAck) later.read()).version()).isEqualTo(1);
        }
    }

    @Test
    void aRefusalThatRepeatsIsToldOnce() throws IOException {
        TestHost n1 = net.start("n1");
        for (int i = 0; i < 20; i++) {
            refusalOf(n1, Samples.identity("n9", 1), "n1");
        }
        assertThat(n1.counters().connectionsRefused()).isEqualTo(20);
        assertThat(n1.refusals).hasSize(1);
    }

    private static Frame.Refusal refusalOf(TestHost host, HostIdentity as, String target)
            throws IOException {
        try (RawPeer peer = RawPeer.dial(host.address())) {
            peer.send(HandshakeFrames.magic(), RawPeer.hello(as, target));
            Frame answer = peer.read();
            assertThat(answer).isInstanceOf(Frame.Refusal.class);
            assertThat(peer.closedByOther()).isTrue();
            return (Frame.Refusal) answer;
        }
    }
}
