package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.StorageException;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * One open of a directory. First everything is read and judged; only when nothing is refused is
 * anything written.
 *
 * <p>A new directory gets an identity with boot 0, then its first segment, then boot 1: so an
 * identity without segments is a first open that crashed while the boot is 0, and a lost log ever
 * after.
 */
final class Opening {
    private final Disk disk;
    private final RandomGenerator random;
    private final Executor executor;
    private final int segmentBlocks;
    private final LogBound bound;
    private final List<Segment> segments = new ArrayList<>();

    Opening(Disk disk, RandomGenerator random, Executor executor, LogBound bound) {
        this.disk = disk;
        this.random = random;
        this.executor = executor;
        this.segmentBlocks = Math.toIntExact(bound.segmentBytes() / Blocks.BYTES);
        this.bound = bound;
    }

    LogStore open(ClusterId cluster, NodeId node) throws IOException {
        Closeable lock = disk.lock();
        try {
            return open(lock, cluster, node);
        } catch (IOException | RuntimeException | Error e) {
            for (Segment segment : segments) {
                segment.file().close();
            }
            lock.close();
            throw e;
        }
    }

    private LogStore open(Closeable lock, ClusterId cluster, NodeId node) throws IOException {
        List<String> files = disk.list();
        List<String> names = files.stream().filter(Segment::isName).toList();
        HostIdentity identity = IdentityFile.read(disk);
        boolean isNew = identity == null;
        if (identity == null) {
            if (!names.isEmpty()) {
                throw Refusal.gap(
                        disk,
                        IdentityFile.NAME,
                        "it is missing, while " + names.get(0) + " is there");
            }
            identity = new HostIdentity(cluster, node, Uuids.draw(random), 0, 0);
        }
        checkOwner(identity, cluster, node);
        checkLogIsThere(names, identity);
        openSegments(names, identity.incarnation());
        Recovery recovery =
                segments.isEmpty() ? null : new Recovery(disk, node, segments, executor);
        if (identity.boot() == 0 && recovery != null && recovery.nextBatchNumber() > 1) {
            throw Refusal.corrupt(
                    disk, IdentityFile.NAME, 0, "it is older than the log, which was written to");
        }
        PeerTable peers = PeersFile.find(disk, cluster);
        // From here on nothing is refused any more. What was killed may have left names that only
        // the system's memory holds, of files that are built upon from now on. No room is needed
        // for this, so what it throws is a disk that fails.
        disk.syncDirectory();
        if (files.contains(SegmentMaker.ASIDE)) {
            disk.delete(SegmentMaker.ASIDE);
        }
        SnapshotFiles.removeLeftovers(disk);
        PeersFile.removeLeftovers(disk);
        if (peers == null) {
            PeersFile.setAside(disk);
            peers = PeerTable.EMPTY;
        }
        if (isNew) {
            IdentityFile.write(disk, identity);
        }
        SegmentMaker maker = new SegmentMaker(disk, identity.incarnation());
        Spares spares = new Spares(disk, segmentBlocks);
        spares.recover();
        SegmentSupply supply = new SegmentSupply(maker, spares, segmentBlocks, random, executor);
        if (recovery == null) {
            segments.add(supply.take(1, segmentBlocks));
            recovery = new Recovery(disk, node, segments, executor);
        }
        recovery.settle();
        HostIdentity boot = nextBoot(identity);
        IdentityFile.write(disk, boot);
        return start(lock, boot, recovery, supply, new PeerMemory(disk, peers, executor));
    }

    private LogStore start(
            Closeable lock,
            HostIdentity boot,
            Recovery recovery,
            SegmentSupply supply,
            PeerMemory peers)
            throws IOException {
        for (Segment segment : recovery.superfluous()) {
            segment.file().close();
        }
        Segment prepared = recovery.prepared();
        if (prepared != null) {
            supply.offer(prepared);
        } else {
            supply.prepare(recovery.current().sequence() + 1);
        }
        if (recovery.needsNewSegment()) {
            recovery.beginAnew(random);
        }
        SharedLog log = new SharedLog(disk, lock, boot, recovery, supply, bound, random, peers);
        if (recovery.needsNewSegment()) {
            log.beginSegment();
        }
        return log;
    }

    /** Those before the first may have been freed; whether they were, the log itself tells. */
    private void openSegments(List<String> names, UUID host) throws IOException {
        long next = names.isEmpty() ? 0 : Segment.sequenceOf(names.get(0));
        for (String name : names) {
            long sequence = Segment.sequenceOf(name);
            if (!Segment.mayFollow(next, sequence)) {
                throw Refusal.stray(disk, name, Segment.name(Math.max(next, 1)));
            }
            for (; next < sequence; next++) {
                segments.add(Segment.missing(next, host));
            }
            segments.add(Segment.open(disk, sequence, host));
            next++;
        }
    }

    private HostIdentity nextBoot(HostIdentity last) {
        return new HostIdentity(
                last.cluster(),
                last.node(),
                last.incarnation(),
                last.boot() + 1,
                random.nextLong());
    }

    private void checkOwner(HostIdentity identity, ClusterId cluster, NodeId node)
            throws StorageException {
        if (!identity.cluster().equals(cluster) || !identity.node().equals(node)) {
            throw new StorageException(
                    new Fault(
                            Fault.Code.WRONG_DIRECTORY,
                            disk
                                    + " belongs to node '"
                                    + identity.node()
                                    + "' of cluster '"
                                    + identity.cluster()
                                    + "', and was opened as node '"
                                    + node
                                    + "' of cluster '"
                                    + cluster
                                    + "'. Nothing was changed. Give this host its own directory."));
        }
    }

    private void checkLogIsThere(List<String> names, HostIdentity identity)
            throws StorageException {
        if (names.isEmpty() && identity.boot() > 0) {
            throw Refusal.gap(
                    disk, Segment.name(1), "it is missing, after " + identity.boot() + " boots");
        }
    }
}
