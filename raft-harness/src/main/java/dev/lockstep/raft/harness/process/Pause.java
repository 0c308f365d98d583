package dev.lockstep.raft.harness.process;

import dev.lockstep.raft.harness.Patience;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A process that stands still (SIGSTOP) until this is closed (SIGCONT).
 *
 * <p>Both signals come from a shell whose standard input this process holds open. So the server
 * goes on, and then ends by itself, even if this process is killed meanwhile.
 */
public final class Pause implements AutoCloseable {
    private static final String SCRIPT =
            "kill -STOP \"$0\" && echo stopped; read -r end; kill -CONT \"$0\"";

    private final Process shell;
    private final long beginNanos = System.nanoTime();

    private Pause(Process shell) {
        this.shell = shell;
    }

    /** Returns once the signal is sent. */
    static Pause of(long pid) throws IOException {
        Process shell =
                new ProcessBuilder("sh", "-c", SCRIPT, Long.toString(pid))
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        BufferedReader said =
                new BufferedReader(
                        new InputStreamReader(shell.getInputStream(), StandardCharsets.UTF_8));
        if (!"stopped".equals(said.readLine())) {
            shell.destroyForcibly();
            throw new IOException("can't stop process " + pid);
        }
        return new Pause(shell);
    }

    /** Waits until the pause is so long. */
    public void awaitLength(Duration length) throws InterruptedException {
        Patience.until(
                () -> "clock doesn't run",
                () -> System.nanoTime() - beginNanos >= length.toNanos());
    }

    /** Returns once the process goes on. Does nothing the second time. */
    @Override
    public void close() throws IOException {
        shell.getOutputStream().close();
        try {
            shell.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
