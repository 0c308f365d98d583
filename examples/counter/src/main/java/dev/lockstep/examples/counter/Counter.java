package dev.lockstep.examples.counter;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.node.RaftGroup;
import dev.lockstep.raft.node.RaftHost;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.ReadLevel;
import dev.lockstep.raft.spi.SnapshotSource;
import dev.lockstep.raft.spi.StateMachine;
import dev.lockstep.raft.storage.FileStorage;
import dev.lockstep.raft.transport.netty.NettyTransport;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;

/** A replicated counter. Start it three times, with n1, n2 and n3 as the argument. */
final class Counter implements StateMachine {
    private long value;

    @Override
    public Payload apply(Command command) { // deterministic, in log order, on every replica
        value += command.payload().asLong();
        return Payload.of(value);
    }

    @Override
    public Payload query(Payload question) {
        return Payload.of(value);
    }

    @Override
    public SnapshotSource snapshot() { // taken at once, written later while applying goes on
        long frozen = value;
        return out -> out.writeLong(frozen);
    }

    @Override
    public void restore(DataInputStream in) throws IOException {
        value = in.readLong();
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        String node = args[0];
        try (RaftHost host =
                RaftHost.builder()
                        .cluster("demo")
                        .node(node)
                        .peers("n1=127.0.0.1:7001", "n2=127.0.0.1:7002", "n3=127.0.0.1:7003")
                        .storage(FileStorage.in(Path.of("data", node)))
                        .transport(NettyTransport.plaintext())
                        .start()) {
            RaftGroup counter = host.open("counter", new Counter());
            // Durable on a majority:
            long after = counter.propose(Payload.of(1)).join().asLong();
            System.out.println(node + " counted to " + after);
            while (true) {
                // What all have counted, on any replica:
                long seen = counter.read(Payload.EMPTY, ReadLevel.LINEARIZABLE).join().asLong();
                System.out.println(node + " sees " + seen);
                Thread.sleep(1000);
            }
        }
    }
}
