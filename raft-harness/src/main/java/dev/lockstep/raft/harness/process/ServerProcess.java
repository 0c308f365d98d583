package dev.lockstep.raft.harness.process;

import dev.lockstep.raft.harness.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/**
 * One run of a server. It ends when this process does, however that ends, because its standard
 * input does.
 */
public final class ServerProcess {
    private final Process process;
    private final LogFile log;

    private ServerProcess(Process process, LogFile log) {
        this.process = process;
        this.log = log;
    }

    /**
     * @param command must end by itself when its standard input does
     * @param log gets all that it prints, after what is there
     */
    static ServerProcess start(List<String> command, LogFile log) throws IOException {
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.path().toFile()))
                        .start();
        return new ServerProcess(process, log);
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** SIGKILL, without waiting for the end. */
    public void signalKill() {
        process.destroyForcibly();
    }

    /** SIGKILL; returns once it is gone. */
    public void kill() throws InterruptedException {
        signalKill();
        process.waitFor();
    }

    /** SIGTERM; returns once it has ended by itself. */
    public void stop() throws InterruptedException {
        process.destroy();
        Patience.until(() -> "process " + pid() + " doesn't end", () -> !isAlive());
    }

    /** SIGSTOP, until the pause is closed. Returns once it stands still. */
    public Pause pause() throws InterruptedException {
        try {
            return Pause.of(pid());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Lets a system call fail or take long, until that is closed.
     *
     * @param what as after the first colon of strace's {@code -e inject}: {@code error=EIO}
     * @throws IOException when this machine doesn't let a process be traced
     */
    public Strace inject(String call, String what) throws IOException, InterruptedException {
        return inject(call, what, List.of());
    }

    /** As {@link #inject(String, String)}, where the call is on one of these files. */
    public Strace inject(String call, String what, List<Path> files)
            throws IOException, InterruptedException {
        return Strace.inject(pid(), call, what, files);
    }

    /** Makes it print what its threads do; returns once that is in its log, or never will be. */
    public void dumpThreads() throws InterruptedException {
        try {
            long before = dumps();
            Signal.quit(pid());
            Patience.until(() -> "no thread dump", () -> !isAlive() || dumps() > before);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The memory's summary is what a JVM prints last. */
    private long dumps() {
        return log.lines().stream().filter(line -> line.contains("Metaspace ")).count();
    }
}
