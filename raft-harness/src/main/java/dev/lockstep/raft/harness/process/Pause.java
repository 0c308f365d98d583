package dev.lockstep.raft.harness.process;

import dev.lockstep.raft.harness.Patience;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A process that stands still (SIGSTOP) until this is closed (SIGCONT).
 *
 * <p>Both signals come from a shell whose standard input this process holds open. So the server
 * goes on, and then ends by itself, even if this process is killed meanwhile.
 */
public final class Pause implements AutoCloseable {
    private static final String SCRIPT =
            "kill -STOP \"$0\" && echo stopped; read -r end; kill -CONT \"$0\"";

    /** The state comes after the name, which is in brackets and may hold any character. */
    private static final Pattern STOPPED = Pattern.compile("\\) T [^)]*$");

    private final Process shell;
    private final long beginNanos = System.nanoTime();

    private Pause(Process shell) {
        this.shell = shell;
    }

    /** Returns once none of its threads runs any more. */
    static Pause of(long pid) throws IOException, InterruptedException {
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
        Pause pause = new Pause(shell);
        // One thread takes the signal and tells the others, which takes time on a busy machine.
        Patience.until(() -> "process " + pid + " doesn't stop", () -> isStopped(pid));
        return pause;
    }

    /** Where there is no {@code /proc} to tell, the signal must do. */
    private static boolean isStopped(long pid) {
        Path tasks = Path.of("/proc", Long.toString(pid), "task");
        if (!Files.isDirectory(tasks)) {
            return true;
        }
        try (Stream<Path> all = Files.list(tasks)) {
            return all.allMatch(Pause::isStopped);
        } catch (IOException | UncheckedIOException e) {
            return false; // a thread ended meanwhile; look again
        }
    }

    private static boolean isStopped(Path task) {
        try {
            return STOPPED.matcher(Files.readString(task.resolve("stat"))).find();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
