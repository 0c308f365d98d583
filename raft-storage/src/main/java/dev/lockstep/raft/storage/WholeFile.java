package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.DiskFullException;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A small file that is always replaced as a whole, behind an envelope; by another one with its
 * name, or, where there is no room for that, in its place.
 *
 * <pre>
 *   0  8 bytes  which kind of file
 *   8  u32      format version
 *  12  u32      bytes of the file
 *  16  u32      CRC-32C over the file with zeros here
 *  20           its content
 * </pre>
 *
 * The envelope stays as it is in every later version.
 *
 * @param name of the file; its next content is written to that name with {@link #ASIDE} behind it
 * @param content what messages call it
 * @param whatNow what its damage means, and what to do
 */
record WholeFile(
        String name, long magic, int version, int mostBytes, String content, String whatNow) {
    static final String ASIDE = ".tmp";
    static final int ENVELOPE_BYTES = 20;

    private static final int LENGTH_AT = 12;
    private static final int CHECKSUM_AT = 16;

    boolean isIn(Disk disk) throws IOException {
        return disk.list().contains(name);
    }

    /** Room for a new content, to be put behind the envelope. */
    ByteBuffer begin() {
        ByteBuffer bytes = ByteBuffer.allocate(mostBytes);
        return bytes.putLong(magic).putInt(version).putInt(0).putInt(0);
    }

    /**
     * Makes it durable, in place of the one before.
     *
     * @throws DiskFullException when there is no room for it. What is read from now on is what was
     *     there before, or this
     */
    void replace(Disk disk, ByteBuffer begun) throws IOException {
        ByteBuffer bytes = begun.flip();
        bytes.putInt(LENGTH_AT, bytes.limit());
        bytes.putInt(CHECKSUM_AT, checksum(bytes));
        removeAside(disk);
        try {
            writeAside(disk, bytes.duplicate());
            disk.rename(name + ASIDE, name);
        } catch (DiskFullException e) {
            giveUpAside(disk, e);
            writeOver(disk, bytes, e);
            return;
        }
        disk.syncDirectory();
    }

    private void writeAside(Disk disk, ByteBuffer bytes) throws IOException {
        try (Disk.File file = disk.create(name + ASIDE)) {
            file.write(bytes, 0);
            file.sync();
        }
    }

    /** What was made takes room that others may need. */
    private void giveUpAside(Disk disk, DiskFullException why) {
        try {
            removeAside(disk);
        } catch (IOException e) {
            why.addSuppressed(e); // the next one to be written removes it
        }
    }

    /**
     * On a full disk there is still the room that the file has. It is taken only where the disk
     * writes all of it or nothing, as it does with one sector.
     */
    private void writeOver(Disk disk, ByteBuffer bytes, DiskFullException why) throws IOException {
        if (bytes.limit() > Blocks.BYTES || !isIn(disk)) {
            throw why;
        }
        try (Disk.File file = disk.open(name)) {
            if (file.size() != bytes.limit()) {
                throw why;
            }
            file.write(bytes, 0);
            file.sync();
        }
    }

    /** What a crash left. */
    void removeAside(Disk disk) throws IOException {
        if (disk.list().contains(name + ASIDE)) {
            disk.delete(name + ASIDE);
        }
    }

    /**
     * Reads it and checks the envelope.
     *
     * @return the content remains to be read
     * @throws StorageException when it is damaged or of another version, or isn't read
     */
    ByteBuffer read(Disk disk) throws IOException {
        ByteBuffer bytes;
        try (Disk.File file = disk.open(name)) {
            bytes = readAll(file, disk);
        }
        if (bytes.limit() < ENVELOPE_BYTES || bytes.getLong() != magic) {
            throw corrupt(disk, 0, "this is no " + content);
        }
        int found = bytes.getInt();
        int length = bytes.getInt();
        int claimed = bytes.getInt();
        bytes.putInt(CHECKSUM_AT, 0);
        if (length != bytes.limit() || checksum(bytes) != claimed) {
            throw corrupt(disk, CHECKSUM_AT, "the " + content + " fails its checksum");
        }
        if (found != version) {
            throw new StorageException(
                    new Fault(
                            Fault.Code.INCOMPATIBLE_VERSION,
                            name
                                    + " in "
                                    + disk
                                    + " is of format version "
                                    + found
                                    + "; this version of Lockstep reads "
                                    + version
                                    + ". Nothing was changed. Open it with the version that wrote it."));
        }
        return bytes;
    }

    private ByteBuffer readAll(Disk.File file, Disk disk) throws StorageException {
        try {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), mostBytes + 1));
            return bytes.limit(file.read(bytes, 0)).position(0);
        } catch (IOException e) {
            // The file may be whole, and read the next time.
            throw new StorageException(
                    new Fault(
                            Fault.Code.STORAGE_FAILED,
                            name
                                    + " in "
                                    + disk
                                    + ": the disk doesn't read it ("
                                    + e.getMessage()
                                    + "). Mend the disk and start again. If it never reads that again:"
                                    + whatNow),
                    e);
        }
    }

    StorageException corrupt(Disk disk, long offset, String what) {
        return Refusal.corrupt(disk, name, offset, what, whatNow);
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().position(0));
        return (int) crc.getValue();
    }
}
