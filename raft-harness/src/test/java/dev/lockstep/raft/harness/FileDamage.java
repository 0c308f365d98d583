package dev.lockstep.raft.harness;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What happens to a file, at a place that a random number says. */
record FileDamage(Path file, Harm harm) {
    private static final int BLOCK_BYTES = 512;

    enum Harm {
        HEAD_FLIPPED,
        MIDDLE_FLIPPED,
        TAIL_FLIPPED,
        CUT_OFF,
        DELETED
    }

    /** All that can be done to the files of a directory, but what nobody could notice. */
    static List<FileDamage> all(Path directory) throws IOException {
        List<Path> files = FileKind.files(directory);
        List<FileDamage> all = new ArrayList<>();
        for (Path file : files) {
            for (Harm harm : Harm.values()) {
                FileDamage damage = new FileDamage(file, harm);
                if (damage.leavesATrace(files)) {
                    all.add(damage);
                }
            }
        }
        return all;
    }

    /**
     * A last segment that is gone leaves a log that ends where the one before does: nobody can
     * tell, unless it was blank (docs/disk-format.md).
     */
    private boolean leavesATrace(List<Path> files) throws IOException {
        boolean isLast =
                FileKind.of(file) == FileKind.SEGMENT
                        && files.stream()
                                .filter(other -> FileKind.of(other) == FileKind.SEGMENT)
                                .allMatch(other -> other.compareTo(file) <= 0);
        boolean isEmpty = Files.size(file) == 0;
        return harm == Harm.DELETED ? !isLast || writtenBytes() <= BLOCK_BYTES : !isEmpty;
    }

    /** A snapshot that is gone, or was set aside, is named by its position. */
    boolean isNamedIn(String fault) {
        return fault.contains(String.valueOf(file.getFileName()))
                || (FileKind.of(file) == FileKind.SNAPSHOT && fault.contains("snapshot "));
    }

    String kind() {
        return FileKind.of(file).toString();
    }

    String kindAndHarm() {
        return kind() + " " + harm;
    }

    /** Does it, and says what was done. */
    String apply(Random random) throws IOException {
        if (harm == Harm.DELETED) {
            Files.delete(file);
            return file.getFileName() + " deleted";
        }
        long written = writtenBytes();
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (harm == Harm.CUT_OFF) {
                long length = (long) (random.nextDouble() * written);
                channel.truncate(length);
                return file.getFileName() + " cut off at " + length;
            }
            long third = Math.max(1, written / 3);
            long at =
                    switch (harm) {
                        case HEAD_FLIPPED -> random.nextLong(Math.min(third, BLOCK_BYTES));
                        case MIDDLE_FLIPPED ->
                                Math.min(written - 1, third + random.nextLong(third));
                        default -> written - 1 - random.nextLong(Math.min(third, BLOCK_BYTES));
                    };
            int bit = random.nextInt(Byte.SIZE);
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, at);
            channel.write(one.put(0, (byte) (one.get(0) ^ 1 << bit)).clear(), at);
            return file.getFileName() + " bit " + bit + " flipped at " + at + " of " + written;
        }
    }

    /** Of a segment only those blocks that aren't all zeros; what isn't written has no tail. */
    private long writtenBytes() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        int blocks = (end + BLOCK_BYTES - 1) / BLOCK_BYTES;
        return Math.min(bytes.length, (long) blocks * BLOCK_BYTES);
    }
}
