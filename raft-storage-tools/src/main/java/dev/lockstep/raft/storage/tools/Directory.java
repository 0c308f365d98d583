package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.LogStore;
import dev.lockstep.raft.storage.FileStorage;
import dev.lockstep.raft.storage.StorageInspection;
import dev.lockstep.raft.storage.StoredDamage;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/** The directory of a host that is down, locked for as long as a command takes. */
final class Directory implements Closeable {
    private static final int VIEW_SEGMENT_BYTES = 8 << 10;

    private final Path path;
    private final Closeable lock;
    private @Nullable Survey survey;

    private Directory(Path path, Closeable lock) {
        this.path = path;
        this.lock = lock;
    }

    static Directory reading(Path path) throws IOException {
        checkThere(path);
        return new Directory(path, DirectoryLock.shared(path));
    }

    /** For commands behind which the directory isn't to be used any more. */
    static Directory leaving(Path path) throws IOException {
        checkThere(path);
        return new Directory(path, DirectoryLock.exclusive(path));
    }

    private static void checkThere(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            throw new Refused(path + " is no directory");
        }
    }

    Path path() {
        return path;
    }

    ViewDisk view() throws IOException {
        return ViewDisk.of(path);
    }

    /**
     * @throws IOException also when there is none, with the segments there: it was lost
     */
    HostIdentity identity() throws IOException {
        HostIdentity identity = StorageInspection.identity(view());
        if (identity == null) {
            throw new Refused(
                    path
                            + " has no identity, so no host starts from it and nobody knows whose it is. When a tool has made"
                            + " another directory of it, its file '"
                            + Audit.FILE
                            + "' says so, and '"
                            + NewDirectory.RETIRED
                            + "' is its identity. Nothing was changed.");
        }
        return identity;
    }

    Survey survey() throws IOException {
        Survey known = survey;
        if (known == null) {
            known = new Survey();
            StorageInspection.walk(view(), identity().incarnation(), known);
            survey = known;
        }
        return known;
    }

    /**
     * The log as a host finds it: of a damaged one, each replica says what is lost of it, which may
     * be nothing ({@link Groups#whole}).
     *
     * @throws dev.lockstep.raft.model.StorageException when a host refuses it
     */
    LogStore open() throws IOException {
        return open(view());
    }

    /** The log before its first damage. */
    LogStore openBeforeDamage() throws IOException {
        StoredDamage first = survey().damages().get(0);
        ViewDisk view = ViewDisk.before(path, first.file(), first.from());
        if (StorageInspection.segments(view).isEmpty()) {
            throw new Refused(
                    "nothing of the log stands before its first damage, in " + first.file());
        }
        return open(view);
    }

    private LogStore open(ViewDisk view) throws IOException {
        HostIdentity identity = identity();
        return FileStorage.on(view, new SecureRandom())
                .withSegmentBytes(VIEW_SEGMENT_BYTES)
                .open(identity.cluster(), identity.node());
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
