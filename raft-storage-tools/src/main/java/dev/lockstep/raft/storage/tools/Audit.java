package dev.lockstep.raft.storage.tools;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What was done to a directory, for whoever finds it later. Hosts don't read it.
 *
 * @param text who, when and what, in one line or more
 */
record Audit(String text) {
    static final String FILE = "audit";

    /** Begins with when and who. */
    static Audit now(String what) {
        return new Audit(
                Instant.now().truncatedTo(ChronoUnit.SECONDS)
                        + " "
                        + System.getProperty("user.name", "somebody")
                        + " on "
                        + machine()
                        + ": "
                        + what);
    }

    /** Durable when it returns. */
    void appendTo(Path directory) throws IOException {
        try (FileChannel file =
                FileChannel.open(
                        directory.resolve(FILE),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND)) {
            ByteBuffer line = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
            while (line.hasRemaining()) {
                file.write(line);
            }
            file.force(true);
        }
    }

    private static String machine() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "an unknown machine";
        }
    }
}
