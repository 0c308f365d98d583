package dev.lockstep.examples.kv;

import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.storage.FileStorage;
import picocli.CommandLine.Option;

/** What a node may take of its disk, and of the memory for what is there too. */
final class DiskOptions {
    private static final int MIB = 1 << 20;

    @Option(
            names = "--segment-bytes",
            defaultValue = "" + 64 * MIB,
            paramLabel = "BYTES",
            description = "The size of the log's files, two at least (${DEFAULT-VALUE}).")
    private int segmentBytes;

    @Option(
            names = "--snapshot-bytes",
            defaultValue = "" + 64 * MIB,
            paramLabel = "BYTES",
            description = "So much of the log, and a snapshot is taken (${DEFAULT-VALUE}).")
    private int snapshotBytes;

    @Option(
            names = "--kept-log-bytes",
            defaultValue = "" + 16 * MIB,
            paramLabel = "BYTES",
            description = "How much of the log is kept behind a snapshot (${DEFAULT-VALUE}).")
    private int keptLogBytes;

    @Option(
            names = "--cache-bytes",
            defaultValue = "" + 16 * MIB,
            paramLabel = "BYTES",
            description = "How much of the log is in memory too (${DEFAULT-VALUE}).")
    private int cacheBytes;

    /**
     * @throws IllegalArgumentException when a size can't be
     */
    RaftOptions applyTo(RaftOptions options) {
        return options.with()
                .snapshotBytes(snapshotBytes)
                .keptLogBytes(keptLogBytes)
                .cacheBytes(cacheBytes)
                .build();
    }

    /**
     * @throws IllegalArgumentException when a size can't be
     */
    FileStorage applyTo(FileStorage storage) {
        return storage.withSegmentBytes(segmentBytes);
    }
}
