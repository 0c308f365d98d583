package dev.lockstep.raft.storage.tools;

import dev.lockstep.raft.model.Entry;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/** Writes a backup aside, syncs it, reads it back, and only then gives it its name. */
final class BackupWriter {
    private BackupWriter() {}

    static void write(Path file, Backup head, Content content) throws IOException {
        if (Files.exists(file)) {
            throw new Refused(file + " exists. Nothing was written. Name a file that doesn't.");
        }
        Path aside = file.resolveSibling(file.getFileName() + ".unfinished");
        try {
            try (FileOutputStream raw = new FileOutputStream(aside.toFile())) {
                CRC32C crc = new CRC32C();
                DataOutputStream out =
                        new DataOutputStream(
                                new CheckedOutputStream(
                                        new BufferedOutputStream(raw, 1 << 18), crc));
                head.writeTo(out);
                body(head, content, out);
                out.flush();
                out.writeLong(raw.getChannel().position() + Backup.END_BYTES);
                out.writeInt((int) crc.getValue());
                out.flush();
                raw.getChannel().force(true);
            }
            BackupReader unused = BackupReader.open(aside);
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(aside);
            throw e;
        }
        Path parent = file.toAbsolutePath().normalize().getParent();
        if (parent != null) {
            try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
    }

    private static void body(Backup head, Content content, DataOutputStream out)
            throws IOException {
        if (head.snapshotBytes() > 0) {
            try (InputStream in = content.openSnapshot()) {
                in.transferTo(out);
            }
        }
        content.entries(
                entries -> {
                    for (Entry entry : entries) {
                        out.writeByte(entry.kind().code());
                        out.writeLong(entry.term());
                        out.writeLong(entry.index());
                        out.writeLong(entry.timestampMillis());
                        out.writeInt(entry.payload().size());
                        out.write(entry.payload().toByteArray());
                    }
                });
    }
}
