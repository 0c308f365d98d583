package peerbench;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.node.RaftHost;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.storage.FileStorage;
import dev.lockstep.raft.transport.netty.NettyTransport;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Lockstep in the yardstick: a host with one group, everything by default but the election timeout. */
public final class LockstepPeer implements Peer {
    private RaftHost host;
    private RaftGroup group;

    @Override
    public void start(int id, List<Member> members, Path dir, Map<String, String> options, Counter counter)
            throws Exception {
        host = RaftHost.builder()
                .cluster("yardstick")
                .node("n" + id)
                .peers(members.stream()
                        .map(m -> new PeerAddress(NodeId.of("n" + m.id()), m.host(), m.port()))
                        .toList())
                .storage(FileStorage.in(dir.resolve("lockstep")))
                .transport(NettyTransport.plaintext())
                .options(RaftOptions.defaults()
                        .with()
                        .electionTimeout(Duration.ofMillis(Long.parseLong(options.get("electionMs"))))
                        .build())
                .start();
        group = host.open("counter", new StateMachine() {
            @Override
            public Payload apply(Command command) {
                return Payload.of(counter.apply(command.payload().asByteBuffer()));
            }

            @Override
            public Payload query(Payload question) {
                return Payload.of(counter.count());
            }

            @Override
            public SnapshotSource snapshot() {
                long frozen = counter.count();
                return out -> out.writeLong(frozen);
            }

            @Override
            public void restore(DataInputStream in) throws IOException {
                for (long count = in.readLong(); counter.count() < count; ) {
                    counter.apply(Payload.EMPTY.asByteBuffer()); // the yardstick's counter only counts up
                }
            }
        });
    }

    @Override
    public boolean isLeader() {
        return group.status().role() == Role.LEADER;
    }

    @Override
    public CompletableFuture<?> propose(byte[] payload) {
        return group.propose(Payload.wrap(payload));
    }

    @Override
    public void close() throws Exception {
        host.close();
    }
}
