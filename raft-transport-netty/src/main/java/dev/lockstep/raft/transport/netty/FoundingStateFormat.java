package dev.lockstep.raft.transport.netty;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import dev.lockstep.raft.message.FoundingState;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.transport.netty.wire.Wire;
import java.io.IOException;
import java.util.List;
import java.util.UUID;

/** By the generated classes: it is nested deeply, and sent only while a group begins. */
final class FoundingStateFormat implements MessageFormat<FoundingState> {
    @Override
    public void write(FoundingState message, FieldSink out) {
        Wire.FoundingState.Builder wire =
                Wire.FoundingState.newBuilder().setAnswer(message.answer());
        message.initialNodes().forEach(node -> wire.addInitialNodes(node.value()));
        Founding founding = message.founding();
        if (founding != null) {
            wire.setFounding(
                    Wire.Founding.newBuilder()
                            .setUuidHigh(founding.uuid().getMostSignificantBits())
                            .setUuidLow(founding.uuid().getLeastSignificantBits())
                            .setInitial(
                                    ByteString.copyFrom(
                                            MembershipFormat.encode(founding.initial())
                                                    .asByteBuffer()))
                            .setComplete(founding.complete()));
        }
        out.raw(Payload.wrap(wire.build().toByteArray()));
    }

    @Override
    public FoundingState read(CodedInputStream in, byte[] frame) throws IOException {
        Wire.FoundingState wire =
                Wire.FoundingState.parseFrom(in, ExtensionRegistryLite.getEmptyRegistry());
        List<NodeId> nodes = wire.getInitialNodesList().stream().map(NodeId::of).toList();
        return new FoundingState(
                nodes, wire.hasFounding() ? founding(wire.getFounding()) : null, wire.getAnswer());
    }

    private static Founding founding(Wire.Founding wire) {
        Membership initial = MembershipFormat.decode(Payload.wrap(wire.getInitial().toByteArray()));
        return new Founding(
                new UUID(wire.getUuidHigh(), wire.getUuidLow()), initial, wire.getComplete());
    }
}
