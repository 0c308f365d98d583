package dev.lockstep.raft.storage;

import dev.lockstep.raft.model.StorageException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One flat directory, with just the file operations whose crash behaviour this module reasons
 * about. In production it is a directory of the file system; in simulation it loses what wasn't
 * synced.
 *
 * <p>What changes it ends with a {@link dev.lockstep.raft.model.DiskFullException} when there is no
 * room, or the disk is read-only. Then nothing has changed, but for the bytes that a write was to
 * write, of which any may be written, as after a crash. A sync never ends so, whatever the cause.
 */
public interface Disk {
    /**
     * How many bytes files may still take, as far as that is known; a write may find less. Where it
     * isn't known, more than any file takes.
     */
    default long usableBytes() throws IOException {
        return Long.MAX_VALUE;
    }

    /** Keeps every other process out until closed. */
    Closeable lock() throws StorageException, IOException;

    /** The names of all files, sorted. */
    List<String> list() throws IOException;

    /**
     * Makes an empty file. It survives a crash only after {@link #syncDirectory}.
     *
     * @throws IOException when the name exists
     */
    File create(String name) throws IOException;

    /** Opens an existing file for reading and writing. */
    File open(String name) throws IOException;

    /** Opens an existing file for reading, also while the disk is read-only. */
    default File openToRead(String name) throws IOException {
        return open(name);
    }

    /**
     * Opens an existing file to read what is on the disk, and not what the system still holds of it
     * in memory, where it can be told to.
     */
    default File openToProve(String name) throws IOException {
        return openToRead(name);
    }

    /**
     * Renames, replacing the target as one step. Survives a crash only after {@link
     * #syncDirectory}.
     */
    void rename(String from, String to) throws IOException;

    /** Survives a crash only after {@link #syncDirectory}. */
    void delete(String name) throws IOException;

    /**
     * Makes creations, renames and deletions durable. A failure leaves them unknown; never try
     * again.
     */
    void syncDirectory() throws IOException;

    /** For messages: where this is. */
    @Override
    String toString();

    /** An open file. Reads and writes are positional; there is no shared cursor. */
    interface File extends Closeable {
        String name();

        long size() throws IOException;

        /**
         * Reads until the target is full or the file ends; returns the bytes read, 0 at the end.
         */
        int read(ByteBuffer target, long position) throws IOException;

        /** Writes all that remains in the source, extending the file when need be. */
        void write(ByteBuffer source, long position) throws IOException;

        /** Makes all earlier writes durable. A failure leaves them unknown; never try again. */
        void sync() throws IOException;
    }
}
