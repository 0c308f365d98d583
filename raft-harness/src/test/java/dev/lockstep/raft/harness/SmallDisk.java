package dev.lockstep.raft.harness;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.lockstep.raft.harness.process.Directories;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private final int mebibytes;
    private boolean mounted;
    private boolean isExt4;

    SmallDisk(int mebibytes) {
        this.mebibytes = mebibytes;
    }

    Path directory() {
        return MOUNT_POINT;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        Directories.delete(HOME);
        Files.createDirectories(MOUNT_POINT);
        String noExt4 = refusalOf(this::mountExt4);
        isExt4 = noExt4.isEmpty();
        String noTmpfs = isExt4 ? "" : refusalOf(this::mountTmpfs);
        mounted = isExt4 || noTmpfs.isEmpty();
        if (!mounted) {
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
        if (!isExt4) {
            Programs.run("mount", "-o", "remount,size=" + larger + "m", "" + MOUNT_POINT);
            return;
        }
        resizeImage(larger);
        String device = Programs.run("findmnt", "-n", "-o", "SOURCE", "" + MOUNT_POINT).strip();
        Programs.run("losetup", "--set-capacity", device);
        Programs.run("resize2fs", device);
    }

    /** Puts a file there that leaves so much. */
    void fill(int leftBytes) throws IOException {
        long left = Files.getFileStore(MOUNT_POINT).getUsableSpace();
        try (OutputStream out = Files.newOutputStream(BALLAST)) {
            for (; left > leftBytes; left = Files.getFileStore(MOUNT_POINT).getUsableSpace()) {
                out.write(new byte[(int) Math.min(MIB, left - leftBytes)]);
                out.flush();
                sync();
            }
        }
    }

    /** Blocks may be taken only when what was written to a file is written to its disk. */
    private static void sync() throws IOException {
        try {
            Programs.run("sync", "-f", BALLAST.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
