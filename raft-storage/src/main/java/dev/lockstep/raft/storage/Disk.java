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
 */
public interface Disk {
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
