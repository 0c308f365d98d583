package dev.lockstep.raft.storage.tools;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine;

/** Runs the tool as its operator does. */
final class Tool {
    private Tool() {}

    record Result(int exit, String out, String err) {}

    static Result run(Object... arguments) {
        return answering("", arguments);
    }

    static Result answering(String answer, Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line =
                StorageCommand.line(new BufferedReader(new StringReader(answer)))
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(err, true));
        int exit =
                line.execute(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
        return new Result(exit, out.toString(), err.toString());
    }

    /** All files of a directory, by name, with their bytes' hash. */
    static Map<String, Integer> files(Path directory) throws IOException {
        Map<String, Integer> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(directory)) {
            all.forEach(
                    file -> {
                        try {
                            files.put(
                                    file.getFileName().toString(),
                                    Arrays.hashCode(Files.readAllBytes(file)));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        }
        return files;
    }

    static void flip(Path file, long at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) at] ^= 0x40;
        Files.write(file, bytes);
    }
}
