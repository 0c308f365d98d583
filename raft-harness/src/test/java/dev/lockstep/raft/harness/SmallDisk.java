package dev.lockstep.raft.harness;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.lockstep.raft.harness.process.Directories;
import dev.lockstep.raft.harness.process.ServerCluster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A small file system of its own for each test: ext4 on a loop device, or else a tmpfs. Where
 * neither can be mounted the test is skipped, and says why.
 */
final class SmallDisk implements BeforeEachCallback, AfterEachCallback {
    private static final int MIB = 1 << 20;
    private static final Path HOME = Path.of("target", "small-disk").toAbsolutePath();
    private static final Path IMAGE = HOME.resolve("image");
    private static final Path MOUNT_POINT = HOME.resolve("mounted");
    private static final Path BALLAST = MOUNT_POINT.resolve("ballast");

    private static final int SEGMENT_BYTES = MIB / 2;
    private static final long LITTLE_BYTES = 2 * SEGMENT_BYTES;

    private final int mebibytes;
    private final boolean grows;
    private boolean mounted;
    private boolean isExt4;

    private SmallDisk(int mebibytes, boolean grows) {
        this.mebibytes = mebibytes;
        this.grows = grows;
    }

    static SmallDisk of(int mebibytes) {
        return new SmallDisk(mebibytes, false);
    }

    /** One that can be enlarged in use, which ext4 can't everywhere that it can be mounted. */
    static SmallDisk thatGrowsFrom(int mebibytes) {
        return new SmallDisk(mebibytes, true);
    }

    /** A cluster of which these nodes have their data there. */
    ServerCluster.Plan planFor(String... nodes) {
        Map<String, Path> elsewhere =
                Stream.of(nodes).collect(Collectors.toMap(node -> node, node -> MOUNT_POINT));
        return new ServerCluster.Plan(elsewhere, List.of("--segment-bytes=" + SEGMENT_BYTES));
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        Directories.delete(HOME);
        Files.createDirectories(MOUNT_POINT);
        String noExt4 = refusalOf(this::mountExt4);
        isExt4 = noExt4.isEmpty();
        String noTmpfs = isExt4 ? "" : refusalOf(this::mountTmpfs);
        mounted = isExt4 || noTmpfs.isEmpty();
        if (mounted) {
            System.out.println(
                    context.getDisplayName()
                            + " on "
                            + (isExt4 ? "ext4" : "tmpfs, since " + noExt4.replace('\n', ' ')));
        } else {
            String why =
                    "skipped, as no small file system can be mounted here: "
                            + noExt4
                            + "; "
                            + noTmpfs;
            System.err.println(why);
            abort(why);
        }
    }

    private interface Attempt {
        void run() throws IOException, InterruptedException;
    }

    private static String refusalOf(Attempt attempt) throws InterruptedException {
        try {
            attempt.run();
            return "";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private void mountExt4() throws IOException, InterruptedException {
        resizeImage(mebibytes);
        Programs.run("mkfs.ext4", "-q", "-F", "-m", "0", IMAGE.toString());
        Programs.run("mount", "-o", "loop", IMAGE.toString(), MOUNT_POINT.toString());
        try {
            if (grows) {
                enlargeExt4To(mebibytes + 1);
            }
        } catch (IOException e) {
            Programs.run("umount", MOUNT_POINT.toString());
            throw e;
        }
    }

    private void mountTmpfs() throws IOException, InterruptedException {
        Programs.run(
                "mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", "" + MOUNT_POINT);
    }

    private static void resizeImage(int mebibytes) throws IOException, InterruptedException {
        Programs.run("truncate", "-s", mebibytes + "M", IMAGE.toString());
    }

    /** While it is in use. */
    void enlargeTo(int larger) throws IOException, InterruptedException {
        if (isExt4) {
            enlargeExt4To(larger);
        } else {
            Programs.run("mount", "-o", "remount,size=" + larger + "m", "" + MOUNT_POINT);
        }
    }

    private static void enlargeExt4To(int larger) throws IOException, InterruptedException {
        resizeImage(larger);
        String device = Programs.run("findmnt", "-n", "-o", "SOURCE", "" + MOUNT_POINT).strip();
        Programs.run("losetup", "--set-capacity", device);
        Programs.run("resize2fs", device);
    }

    /** Puts a file there that leaves room for a few segments, which the log will take. */
    void leaveLittle() throws IOException {
        try (FileChannel out =
                FileChannel.open(
                        BALLAST, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long rest = rest(); rest > 0; rest = rest()) {
                out.write(ByteBuffer.allocate((int) Math.min(MIB, rest)));
                out.force(true); // blocks may be taken only then
            }
        }
    }

    private static long rest() throws IOException {
        return Files.getFileStore(MOUNT_POINT).getUsableSpace() - LITTLE_BYTES;
    }

    /** Deletes that file. */
    void empty() throws IOException {
        Files.delete(BALLAST);
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        if (mounted) {
            Programs.run("umount", "--lazy", MOUNT_POINT.toString());
        }
        Directories.delete(HOME);
    }
}
