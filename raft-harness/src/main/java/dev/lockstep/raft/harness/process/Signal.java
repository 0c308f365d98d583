package dev.lockstep.raft.harness.process;

import java.io.IOException;

/** Signals that {@link Process} doesn't know. */
final class Signal {
    private Signal() {}

    /** Makes a JVM print its threads' stacks. */
    static void quit(long pid) throws IOException, InterruptedException {
        Process kill =
                new ProcessBuilder("kill", "-QUIT", Long.toString(pid))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        kill.waitFor();
    }
}
