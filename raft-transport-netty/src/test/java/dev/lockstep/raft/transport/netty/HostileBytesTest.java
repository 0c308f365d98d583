package dev.lockstep.raft.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.transport.netty.wire.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever sends nonsense is disconnected and counted, and nobody else notices. */
class HostileBytesTest extends LeakChecked {
    private final TestNet net = new TestNet("n1", "n2", "n3");
    private TestHost n1;
    private TestHost n2;

    @BeforeEach
    void twoHonestHosts() throws IOException {
        n1 = net.start("n1");
        n2 = net.start("n2");
        n1.awaitEvent("connected n2");
        n2.awaitEvent("connected n1");
    }

    @AfterEach
    void nobodyElseNoticed() {
        int before = n1.received.size();
        assertThat(n2.send("n1", Samples.append("n2", 1, Payload.of("all well")))).isTrue();
        n1.awaitReceived(before + 1);
        assertThat(n1.events).doesNotContain("disconnected n2");
        assertThat(n2.events).doesNotContain("disconnected n1");
        net.close();
    }

    @Test
    void bytesThatDoNotBeginWithTheMagicEndTheConnection() throws IOException {
        try (RawPeer http = RawPeer.dial(n1.address())) {
            http.send("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(http.closedByOther()).isTrue();
        }
        assertThat(n1.counters().malformed()).isEqualTo(1);
    }

    @Test
    void randomBytesEndTheConnection() throws IOException {
        Random random = new Random(5);
        for (int i = 0; i < 50; i++) {
            byte[] garbage = new byte[1 + random.nextInt(500)];
            random.nextBytes(garbage);
            try (RawPeer peer = RawPeer.dial(n1.address())) {
                peer.send(HandshakeFrames.magic(), new byte[] {0, 0, 0, (byte) 200}, garbage);
                peer.send(garbage); // so that the frame is whole
                assertThat(garbage.length < 100 || peer.closedByOther())
                        .as("seed 5, %d", i)
                        .isTrue();
            } catch (IOException reset) {
                assertThat(reset).hasMessageMatching(".*(reset|Broken pipe|aborted).*");
            }
        }
        assertThat(n1.received).isEmpty();
        assertThat(n1.refusals).isEmpty();
    }

    @Test
    void aFrameOfNoBytesEndsTheConnection() throws IOException {
        try (RawPeer peer = RawPeer.greet(n1, Samples.identity("n3", 1))) {
            peer.send(new byte[4]);
            assertThat(peer.closedByOther()).isTrue();
        }
        assertThat(n1.counters().malformed()).isEqualTo(1);
    }

    @Test
    void anOversizeLengthEndsTheConnectionBeforeAnythingIsAllocated() throws IOException {
        for (int length : new int[] {-1, Integer.MIN_VALUE, (72 << 20) + 1, Integer.MAX_VALUE}) {
            try (RawPeer peer = RawPeer.greet(n1, Samples.identity("n3", 1))) {
                peer.send(ByteBuffer.allocate(4).putInt(length).array());
                assertThat(peer.closedByOther()).as("length %d", length).isTrue();
            }
        }
        assertThat(n1.counters().oversize()).isEqualTo(4);
    }

    @Test
    void beforeTheHandshakeOnlySmallFramesAreTaken() throws IOException {
        try (RawPeer peer = RawPeer.dial(n1.address())) {
            peer.send(HandshakeFrames.magic(), ByteBuffer.allocate(4).putInt(5000).array());
            assertThat(peer.closedByOther()).isTrue();
        }
        assertThat(n1.counters().oversize()).isEqualTo(1);
    }

    @Test
    void anEnvelopeBeforeTheHandshakeIsNotDelivered() throws IOException {
        try (RawPeer peer = RawPeer.dial(n1.address())) {
            peer.send(
                    HandshakeFrames.magic(),
                    new Codec().encode(Samples.append("n3", 1, Payload.EMPTY)));
            assertThat(peer.closedByOther()).isTrue();
        }
        assertThat(n1.received).isEmpty();
        assertThat(n1.counters().malformed()).isEqualTo(1);
    }

    @Test
    void aMalformedEnvelopeEndsTheConnection() throws IOException {
        byte[] frame = new Codec().encode(Samples.append("n3", 1, Payload.of("x")));
        byte[] cut = Arrays.copyOf(frame, frame.length - 1);
        ByteBuffer.wrap(cut).putInt(0, cut.length - FrameEncoder.HEADER_BYTES);
        try (RawPeer peer = RawPeer.greet(n1, Samples.identity("n3", 1))) {
            peer.send(cut);
            assertThat(peer.closedByOther()).isTrue();
        }
        assertThat(n1.received).isEmpty();
        assertThat(n1.counters().malformed()).isEqualTo(1);
    }

    @Test
    void whatALaterVersionSendsIsDroppedAndTheConnectionKept() throws IOException {
        byte[] unknownFrame = {0, 0, 0, 2, 15 << 3 | 2, 0}; // field 15, empty
        Wire.Frame.Builder append =
                Wire.Frame.parseFrom(
                        Codec.body(new Codec().encode(Samples.append("n3", 1, Payload.of("x")))))
                        .toBuilder();
        append.getEnvelopeBuilder().getAppendEntriesBuilder().getEntriesBuilder(0).setKindValue(77);
        byte[] unknownEntry = append.build().toByteArray();
        try (RawPeer peer = RawPeer.greet(n1, Samples.identity("n3", 1))) {
            peer.send(
                    unknownFrame,
                    ByteBuffer.allocate(4).putInt(unknownEntry.length).array(),
                    unknownEntry,
                    new Codec().encode(Samples.append("n3", 1, Payload.of("known"))));
            n1.awaitReceived(1);
            assertThat(n1.received).containsExactly(Samples.append("n3", 1, Payload.of("known")));
            assertThat(n1.counters().unknownDropped()).isEqualTo(2);
        }
    }

    @Test
    void framesThatArriveByteByByteAreRead() throws IOException {
        byte[] frame = new Codec().encode(Samples.append("n3", 1, Payload.of("slow")));
        try (RawPeer peer = RawPeer.greet(n1, Samples.identity("n3", 1))) {
            for (byte b : frame) {
                peer.send(new byte[] {b});
            }
            n1.awaitReceived(1);
        }
    }

    @Test
    void aHandshakeThatDripsIsClosedAtItsDeadline() throws IOException {
        NettyOptions brief = TestNet.FAST.with().handshakeTimeout(Duration.ofMillis(100)).build();
        TestHost n3 = net.start(Samples.identity("n3", 1), brief);
        n1.awaitEvent("connected n3"); // an honest handshake is fast enough
        try (RawPeer silent = RawPeer.dial(n3.address());
                RawPeer dripping = RawPeer.dial(n3.address())) {
            dripping.send(HandshakeFrames.magic());
            assertThat(silent.closedByOther()).isTrue();
            assertThat(dripping.closedByOther()).isTrue();
        }
        assertThat(n3.counters().handshakeTimeouts()).isEqualTo(2);
    }

    @Test
    void aFloodOfSilentConnectionsIsBounded() throws IOException {
        RawPeer[] silent = new RawPeer[300];
        for (int i = 0; i < silent.length; i++) {
            silent[i] = RawPeer.dial(n1.address());
        }
        await().until(() -> n1.counters().connectionsRefused() == silent.length - 256);
        for (RawPeer peer : silent) {
            peer.close();
        }
    }

    @Test
    void aPeerWhosePingsStopIsDisconnectedAndItsNodeIdIsFreeAgain() throws IOException {
        NettyOptions impatient =
                TestNet.FAST.with().keepaliveTimeout(Duration.ofMillis(100)).build();
        HostIdentity first = Samples.identity("n2", 1);
        HostIdentity second = new HostIdentity(first.cluster(), first.node(), new UUID(1, 2), 1, 1);
        try (TestNet other = new TestNet("n2", "n3")) {
            TestHost n3 = other.start(Samples.identity("n3", 1), impatient);
            for (HostIdentity vanishing : new HostIdentity[] {first, second}) {
                try (RawPeer peer = RawPeer.dial(n3.address())) {
                    peer.send(
                            HandshakeFrames.magic(),
                            HandshakeFrames.encode(
                                    new Frame.Hello(1, 1, vanishing, n3.node, 1, 10)));
                    assertThat(peer.read()).isInstanceOf(Frame.HelloAck.class);
                    assertThat(peer.closedByOther()).isTrue();
                }
            }
            assertThat(n3.counters().keepaliveTimeouts()).isEqualTo(2);
        }
    }
}
