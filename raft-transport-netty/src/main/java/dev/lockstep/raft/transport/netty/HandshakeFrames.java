package dev.lockstep.raft.transport.netty;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.transport.netty.wire.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** The frames around the messages, by the generated classes: they are few and rare. */
final class HandshakeFrames {
    /** What the dialling side sends before its first frame. */
    private static final byte[] MAGIC = "LOCKSTEP".getBytes(StandardCharsets.US_ASCII);

    /** More than any Hello or Refusal has; nobody unproven can make us allocate more. */
    static final int MAX_BYTES = 4096;

    private static final int MAX_TEXT = 1000;
    private static final ExtensionRegistryLite NONE = ExtensionRegistryLite.getEmptyRegistry();

    private HandshakeFrames() {}

    static byte[] magic() {
        return MAGIC.clone();
    }

    /** The frame with its length before it. */
    static byte[] encode(Frame.Hello hello) {
        return framed(
                Wire.Frame.newBuilder()
                        .setHello(
                                Wire.Hello.newBuilder()
                                        .setMinVersion(hello.minVersion())
                                        .setMaxVersion(hello.maxVersion())
                                        .setHost(host(hello.host()))
                                        .setTarget(hello.target().value())
                                        .setChallenge(hello.challenge())
                                        .setKeepaliveMillis(hello.keepaliveMillis()))
                        .build());
    }

    static byte[] encode(Frame.HelloAck ack) {
        return framed(
                Wire.Frame.newBuilder()
                        .setHelloAck(
                                Wire.HelloAck.newBuilder()
                                        .setVersion(ack.version())
                                        .setHost(host(ack.host()))
                                        .setChallenge(ack.challenge()))
                        .build());
    }

    static byte[] encode(Frame.Refusal refusal) {
        Wire.Refusal.Code code =
                switch (refusal.fault().code()) {
                    case INCOMPATIBLE_VERSION -> Wire.Refusal.Code.INCOMPATIBLE_VERSION;
                    case LOG_REVERTED -> Wire.Refusal.Code.LOG_REVERTED;
                    case STORAGE_FAILED -> Wire.Refusal.Code.STORAGE_FAILED;
                    default -> Wire.Refusal.Code.WRONG_PEER;
                };
        return framed(
                Wire.Frame.newBuilder()
                        .setRefusal(
                                Wire.Refusal.newBuilder()
                                        .setCode(code)
                                        .setText(printable(refusal.fault().message())))
                        .build());
    }

    static byte[] encode(Frame.Signal signal) {
        Wire.Frame.Builder frame = Wire.Frame.newBuilder();
        if (signal == Frame.Signal.PING) {
            frame.setPing(Wire.Ping.getDefaultInstance());
        } else {
            frame.setPong(Wire.Pong.getDefaultInstance());
        }
        return framed(frame.build());
    }

    static Frame.Hello hello(CodedInputStream in) throws IOException {
        Wire.Hello wire = Wire.Hello.parseFrom(in, NONE);
        return new Frame.Hello(
                wire.getMinVersion(),
                wire.getMaxVersion(),
                identity(wire.getHost()),
                NodeId.of(wire.getTarget()),
                wire.getChallenge(),
                wire.getKeepaliveMillis());
    }

    static Frame.HelloAck helloAck(CodedInputStream in) throws IOException {
        Wire.HelloAck wire = Wire.HelloAck.parseFrom(in, NONE);
        return new Frame.HelloAck(wire.getVersion(), identity(wire.getHost()), wire.getChallenge());
    }

    static Frame.Refusal refusal(CodedInputStream in) throws IOException {
        Wire.Refusal wire = Wire.Refusal.parseFrom(in, NONE);
        Fault.Code code =
                switch (wire.getCode()) {
                    case INCOMPATIBLE_VERSION -> Fault.Code.INCOMPATIBLE_VERSION;
                    case LOG_REVERTED -> Fault.Code.LOG_REVERTED;
                    case STORAGE_FAILED -> Fault.Code.STORAGE_FAILED;
                    default -> Fault.Code.WRONG_PEER;
                };
        return new Frame.Refusal(new Fault(code, printable(wire.getText())));
    }

    private static Wire.Host host(HostIdentity identity) {
        return Wire.Host.newBuilder()
                .setCluster(identity.cluster().value())
                .setNode(identity.node().value())
                .setIncarnationHigh(identity.incarnation().getMostSignificantBits())
                .setIncarnationLow(identity.incarnation().getLeastSignificantBits())
                .setBoot(identity.boot())
                .setBootNonce(identity.bootNonce())
                .build();
    }

    private static HostIdentity identity(Wire.Host wire) {
        return new HostIdentity(
                new ClusterId(wire.getCluster()),
                NodeId.of(wire.getNode()),
                new UUID(wire.getIncarnationHigh(), wire.getIncarnationLow()),
                wire.getBoot(),
                wire.getBootNonce());
    }

    private static byte[] framed(Wire.Frame frame) {
        byte[] body = frame.toByteArray();
        return ByteBuffer.allocate(Integer.BYTES + body.length)
                .putInt(body.length)
                .put(body)
                .array();
    }

    /**
     * A text that can't forge a line of the log, whoever wrote it, nor outgrow a handshake frame.
     */
    private static String printable(String text) {
        StringBuilder safe = new StringBuilder(Math.min(text.length(), MAX_TEXT));
        for (int i = 0; i < text.length() && i < MAX_TEXT; i++) {
            char c = text.charAt(i);
            safe.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
        }
        return safe.toString();
    }
}
