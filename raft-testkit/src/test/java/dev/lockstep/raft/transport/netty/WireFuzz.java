package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.testkit.fuzz.Fuzz;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/** One frame, from a proven peer and from nobody; an envelope that is read is written the same. */
public final class WireFuzz {
    private static final NodeId SPEAKER = NodeId.of("n1");
    private static final long FIXED_BYTES = 64 << 10;

    private WireFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        Fuzz.check(
                input.length,
                FIXED_BYTES,
                () -> new FrameDecoder(new MessageFormats()).decode(input.clone(), null));
        Fuzz.check(
                input.length,
                FIXED_BYTES,
                () -> {
                    WireFrames frames = new WireFrames();
                    Envelope read = frames.decode(input.clone(), SPEAKER);
                    byte[] written = frames.encode(read);
                    if (!frames.decode(written, SPEAKER).equals(read)) {
                        throw new AssertionError(read + " is read otherwise when it is written");
                    }
                });
    }

    public static List<byte[]> seeds() {
        WireFrames frames = new WireFrames();
        ReplicaId self = new ReplicaId(SPEAKER, new UUID(1, 2));
        Entry entry = new Entry(2, 4, EntryKind.COMMAND, 5, Payload.of("command"));
        HostIdentity host = new HostIdentity(new ClusterId("c"), SPEAKER, new UUID(1, 2), 3, 4);
        byte[] hello =
                HandshakeFrames.encode(new Frame.Hello(1, 1, host, NodeId.of("n2"), 5, 1000));
        List<byte[]> seeds = new ArrayList<>();
        seeds.add(
                frames.encode(
                        new Envelope(
                                7,
                                self,
                                new AppendEntries(2, new LogPosition(2, 3), List.of(entry), 3))));
        seeds.add(Arrays.copyOfRange(hello, Integer.BYTES, hello.length));
        // One message of each kind, empty: the fuzzer fills them.
        for (int kind = 4; kind < 40; kind++) {
            byte[] tag =
                    kind < 16
                            ? new byte[] {(byte) (kind << 3 | 2), 0}
                            : new byte[] {
                                (byte) ((kind << 3 | 2) & 0x7f | 0x80), (byte) (kind >> 4), 0
                            };
            byte[] frame = new byte[tag.length + 2];
            frame[0] = 4 << 3 | 2;
            frame[1] = (byte) tag.length;
            System.arraycopy(tag, 0, frame, 2, tag.length);
            seeds.add(frame);
        }
        return seeds;
    }
}
