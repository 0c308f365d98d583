package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.Transport;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Hands envelopes from host to host in one process; hosts of other clusters don't meet. */
final class MemoryNetwork {
    private final Map<NodeId, Transport.Receiver> hosts = new ConcurrentHashMap<>();

    Transport transport() {
        return new Transport() {
            private @Nullable NodeId self;

            @Override
            public void start(HostIdentity identity, List<PeerAddress> peers, Receiver receiver) {
                self = identity.node();
                hosts.forEach(
                        (node, other) -> {
                            receiver.connected(node);
                            other.connected(self);
                        });
                hosts.put(identity.node(), receiver);
            }

            @Override
            public @Nullable EventLoop loop() {
                return null;
            }

            @Override
            public boolean send(NodeId to, Envelope envelope) {
                Receiver receiver = hosts.get(to);
                if (receiver != null) {
                    receiver.received(envelope);
                }
                return receiver != null;
            }

            @Override
            public void flush() {}

            @Override
            public void close() {
                hosts.remove(self);
                hosts.values().forEach(other -> other.disconnected(self));
            }
        };
    }
}
