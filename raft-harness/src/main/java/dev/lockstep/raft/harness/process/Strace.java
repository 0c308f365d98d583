package dev.lockstep.raft.harness.process;

import dev.lockstep.raft.harness.Patience;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
     * @param call a system call, or several with commas between
     * @param what happens to it, as after the first colon of {@code -e inject}: {@code error=EIO}
     * @param files on which it happens; empty for all
     * @throws IOException when this machine doesn't let a process be traced
     */
    static Strace inject(long pid, String call, String what, List<Path> files)
            throws IOException, InterruptedException {
        Path said = Files.createTempFile("strace", ".txt");
        List<String> command = command(call, what, files);
        command.add("--attach=" + pid);
        Process process =
                new ProcessBuilder(command)
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

    /** Before a command: it runs so from its beginning, as the process that is started. */
    static List<String> prefix(String call, String what, List<Path> files) {
        List<String> command = command(call, what, files);
        command.add("--daemonize=grandchild");
        return command;
    }

    private static List<String> command(String call, String what, List<Path> files) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "strace",
                                "--follow-forks",
                                "--trace=" + call,
                                "--inject=" + call + ":" + what,
                                "--output=/dev/null"));
        files.forEach(file -> command.add("--trace-path=" + file.toAbsolutePath()));
        return command;
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
