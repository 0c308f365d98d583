package dev.lockstep.raft.harness;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Programs of this machine. */
final class Programs {
    private static final long MAX_SECONDS = 120;

    private Programs() {}

    static boolean isInstalled(String program) {
        String path = System.getenv().getOrDefault("PATH", "");
        for (String directory : path.split(File.pathSeparator, -1)) {
            if (Files.isExecutable(Path.of(directory, program))) {
                return true;
            }
        }
        return false;
    }

    /** What it prints; it must end with 0. */
    static String run(String... command) throws IOException, InterruptedException {
        return run(new ProcessBuilder(command));
    }

    /** What it prints; it must end with 0. */
    static String run(ProcessBuilder builder) throws IOException, InterruptedException {
        Path printed = Files.createTempFile("printed", ".txt");
        Process process =
                builder.redirectErrorStream(true)
                        .redirectInput(new File("/dev/null"))
                        .redirectOutput(printed.toFile())
                        .start();
        try {
            boolean ended = process.waitFor(MAX_SECONDS, TimeUnit.SECONDS);
            String output = Files.readString(printed);
            if (!ended || process.exitValue() != 0) {
                throw new IOException(
                        String.join(" ", builder.command())
                                + (ended ? " ended with " + process.exitValue() : " doesn't end")
                                + " and printed: "
                                + output);
            }
            return output;
        } finally {
            process.destroyForcibly();
            Files.delete(printed);
        }
    }
}
