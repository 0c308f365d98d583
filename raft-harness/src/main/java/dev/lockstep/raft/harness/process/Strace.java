package dev.lockstep.raft.harness.process;

import dev.lockstep.raft.harness.Patience;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A server some of whose system calls fail or take long, by {@code strace}, until this is closed;
 * then it goes on as if nothing had been. If this process is killed meanwhile, the server ends, and
 * {@code strace} with it.
 */
public final class Strace implements AutoCloseable {
    private final Process strace;
    private final Path said;

    private Strace(Process strace, Path said) {
        this.strace = strace;
        this.said = said;
    }

    /**
     * Returns once all threads of the process are traced.
     *
     * @param call a system call
     * @param what happens to it, as after the first colon of {@code -e inject}: {@code error=EIO}
     * @throws IOException when this machine doesn't let a process be traced
     */
    static Strace inject(long pid, String call, String what)
            throws IOException, InterruptedException {
        Path said = Files.createTempFile("strace", ".txt");
        Process process =
                new ProcessBuilder(
                                List.of(
                                        "strace",
                                        "--follow-forks",
                                        "--trace=" + call,
                                        "--inject=" + call + ":" + what,
                                        "--attach=" + pid,
                                        "--output=/dev/null"))
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
        Strace strace = new Strace(process, said);
        try {
            Patience.until(
                    () -> "strace doesn't begin",
                    () -> !process.isAlive() || strace.said().contains(" attached"));
            if (!process.isAlive()) {
                throw new IOException("process " + pid + " can't be traced: " + strace.said());
            }
            return strace;
        } catch (IOException | AssertionError e) {
            strace.close();
            throw e;
        }
    }

    private String said() {
        try {
            return Files.readString(said, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Returns once no thread is traced any more. */
    @Override
    public void close() throws IOException {
        strace.destroy(); // it lets go of all threads, and ends
        try {
            strace.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(said);
    }
}
