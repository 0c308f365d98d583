package dev.lockstep.raft.testkit.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScenarioFileTest {
    @TempDir Path folder;

    @Test
    void runsBlocksOnOneWorldAndCompares() throws IOException {
        write("# adds up\nadd 1\n\nadd n=2\n----\n1\n3\n\nadd 4\n----\n7\n").run(new Sum());
    }

    @Test
    void saysWhereAndHowItDiffers() throws IOException {
        ScenarioFile file = write("add 1\n----\n1\n\n# second\nadd 4\n----\n4\n");
        assertThatThrownBy(() -> file.run(new Sum()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("s.txt:5")
                .hasMessageContaining("expected:\n  4")
                .hasMessageContaining("was:\n  5");
    }

    @Test
    void rewritesWhatIsExpectedAndKeepsTheRest() throws IOException {
        ScenarioFile file =
                write("# adds up\nadd 1\n----\n\n# again\n\nadd 4\n----\nwrong\nlines\n");
        file.rewrite(new Sum());
        Path path = folder.resolve("s.txt");
        assertThat(Files.readString(path))
                .isEqualTo("# adds up\nadd 1\n----\n1\n\n# again\n\nadd 4\n----\n5\n");
        ScenarioFile.read(path).run(new Sum());
    }

    @Test
    void blankLinesOfTheOutputStandAsDots() throws IOException {
        ScenarioFile file = write("add 1\n----\n");
        file.rewrite(command -> command.word(1) + "\n\nend");
        assertThat(Files.readString(folder.resolve("s.txt"))).isEqualTo("add 1\n----\n1\n.\nend\n");
    }

    @Test
    void refusesWhatNobodyAskedFor() throws IOException {
        ScenarioFile file = write("add 1 by=accident\n----\n1\n");
        assertThatThrownBy(() -> file.run(new Sum()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("s.txt:1")
                .hasMessageContaining("'by'");
    }

    @Test
    void refusesCommandsWithoutAnExpectation() {
        assertThatThrownBy(() -> write("add 1\n")).hasMessageContaining("----");
    }

    @Test
    void commandsAreWordsAndValues() {
        Command command = Command.parse("  set node=2 quietly  n=-7 ");
        assertThat(command.name()).isEqualTo("set");
        assertThat(command.value("node")).isEqualTo("2");
        assertThat(command.number("n")).isEqualTo(-7);
        assertThat(command.number("m", 9)).isEqualTo(9);
        assertThat(command.has("quietly")).isTrue();
        command.requireAllUsed();
        assertThatThrownBy(() -> command.value("x")).hasMessageContaining("set needs x=");
        assertThatThrownBy(() -> command.word(3)).hasMessageContaining("needs 3 words");
        assertThatThrownBy(() -> Command.parse("a b=1 b=2")).hasMessageContaining("twice");
        assertThatThrownBy(() -> Command.parse("a b=x").number("b")).hasMessageContaining("number");
    }

    private ScenarioFile write(String text) throws IOException {
        return ScenarioFile.read(Files.writeString(folder.resolve("s.txt"), text));
    }

    private static final class Sum implements ScenarioInterpreter {
        private long sum;

        @Override
        public String run(Command command) {
            sum += command.has("n") ? command.number("n") : Long.parseLong(command.word(1));
            return Long.toString(sum);
        }
    }
}
