package dev.lockstep.raft.storage.tools;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.Charset;

/** The command {@code lockstep-storage}. */
public final class Main {
    private Main() {}

    /** Ends the process with the exit code that {@code lockstep-storage help} lists. */
    public static void main(String[] arguments) {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
        System.exit(StorageCommand.line(in).execute(arguments));
    }
}
