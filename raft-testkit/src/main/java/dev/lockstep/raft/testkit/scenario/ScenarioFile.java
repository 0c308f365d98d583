package dev.lockstep.raft.testkit.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A scenario as it is written down. Each block is comments and commands, a line {@code ----}, the
 * expected output, and a blank line or the end of the file:
 *
 * <pre>
 * # why this block is here
 * vote node=2 from=1 term=4
 * ----
 * 2: send 1 after-persist VoteReply(term=4, granted=true)
 *
 * </pre>
 *
 * Where a block prints more than one paragraph, its blank lines stand as a dot alone in the
 * expected output.
 */
public final class ScenarioFile {
    private static final String RULE = "----";
    private static final String BLANK = ".";

    private final Path path;
    private final List<Block> blocks;

    private ScenarioFile(Path path, List<Block> blocks) {
        this.path = path;
        this.blocks = blocks;
    }

    /**
     * A part with one expectation.
     *
     * @param line where it begins, counted from 1
     * @param source comments, blank lines and commands, as they stand in the file
     * @param expected lines
     */
    record Block(int line, List<String> source, List<String> expected) {
        List<String> commands() {
            return source.stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        }
    }

    /**
     * Reads and divides a file.
     *
     * @throws IllegalArgumentException when commands stand at its end without an expectation; the
     *     message names the file and line
     * @throws IOException when it can't be read
     */
    public static ScenarioFile read(Path path) throws IOException {
        List<Block> blocks = new ArrayList<>();
        List<String> source = new ArrayList<>();
        List<String> lines = Files.readAllLines(path);
        int begin = 1;
        int at = 0;
        while (at < lines.size()) {
            String line = lines.get(at++);
            if (!line.equals(RULE)) {
                source.add(line);
                continue;
            }
            int end = at;
            while (end < lines.size() && !lines.get(end).isEmpty()) {
                end++;
            }
            blocks.add(new Block(begin, List.copyOf(source), List.copyOf(lines.subList(at, end))));
            source.clear();
            at = end + 1;
            begin = at + 1;
        }
        Block rest = new Block(begin, source, List.of());
        if (!rest.commands().isEmpty()) {
            throw new IllegalArgumentException(
                    path + ":" + begin + ": commands without a " + RULE + " after them");
        }
        return new ScenarioFile(path, blocks);
    }

    public String name() {
        return path.getFileName().toString();
    }

    /**
     * Runs all blocks on one interpreter and compares.
     *
     * @throws AssertionError at the first block that prints something else
     */
    public void run(ScenarioInterpreter interpreter) {
        for (Block block : blocks) {
            List<String> printed = print(interpreter, block);
            if (!printed.equals(block.expected)) {
                throw new AssertionError(
                        path
                                + ":"
                                + block.line
                                + ": "
                                + block.commands()
                                + "\n expected:\n  "
                                + String.join("\n  ", block.expected)
                                + "\n but it was:\n  "
                                + String.join("\n  ", printed)
                                + "\n(-Dscenario.rewrite=true writes what it was into the file)");
            }
        }
    }

    /**
     * Runs all blocks on one interpreter and writes what they print into the file as what is
     * expected.
     *
     * @throws IOException when the file can't be written
     */
    public void rewrite(ScenarioInterpreter interpreter) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Block block : blocks) {
            lines.addAll(block.source);
            lines.add(RULE);
            lines.addAll(print(interpreter, block));
            lines.add("");
        }
        lines.remove(lines.size() - 1);
        Files.write(path, lines);
    }

    private List<String> print(ScenarioInterpreter interpreter, Block block) {
        List<String> printed = new ArrayList<>();
        for (String line : block.commands()) {
            String output;
            try {
                Command command = Command.parse(line);
                output = interpreter.run(command);
                command.requireAllUsed();
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        path + ":" + block.line + ": '" + line + "': " + e.getMessage(), e);
            }
            output.lines()
                    .map(text -> text.isBlank() ? BLANK : text.stripTrailing())
                    .forEach(printed::add);
        }
        return printed;
    }
}
