package dev.lockstep.raft.testkit.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.testkit.mutants.Mutant.Edit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MutantTest {
    private static Mutant parse(String text) {
        return Mutant.parse("07.mutant", text.lines().toList());
    }

    @Test
    void fileIsReadAsItsEdits() {
        Mutant mutant =
                parse(
                        """
                        7b: two wrong steps

                        Someone shipped it - and + regretted it.

                        @ a/src/A.java
                        - one
                        + two
                        +   three

                        - four
                        - five
                        @ b/src/B.java
                        - six
                        + seven
                        """);
        assertThat(mutant.id()).isEqualTo("7b");
        assertThat(mutant.number()).isEqualTo(7);
        assertThat(mutant.title()).isEqualTo("two wrong steps");
        assertThat(mutant.edits())
                .containsExactly(
                        new Edit("a/src/A.java", " one\n", " two\n   three\n"),
                        new Edit("a/src/A.java", " four\n five\n", ""),
                        new Edit("b/src/B.java", " six\n", " seven\n"));
    }

    @Test
    void whiteSpaceOfTheSourceDoesNotMatter() {
        Edit edit = new Edit("A.java", "if (a && b.c(d)) {", "if (a) {");
        assertThat(edit.applyTo("x;\nif (a\n    &&b\n .c( d )){ y; }", "mutant"))
                .isEqualTo("x;\nif (a) { y; }");
    }

    @Test
    void wordsAreFoundWhole() {
        Edit edit = new Edit("A.java", "match = index;", "index = match;");
        assertThat(edit.applyTo("rematch = index; match = index;", "mutant"))
                .isEqualTo("rematch = index; index = match;");
        assertThatThrownBy(() -> edit.applyTo("matchIndex;", "mutant"))
                .hasMessageContaining("nothing like this in A.java");
    }

    @Test
    void textThatIsThereTwiceOrNotAtAllIsRefused() {
        Edit edit = new Edit("A.java", "vote()", "true");
        assertThatThrownBy(() -> edit.applyTo("vote(); vote();", "mutant 3"))
                .hasMessageContaining("mutant 3 finds this more than once in A.java");
        assertThatThrownBy(() -> edit.applyTo("veto();", "mutant 3"))
                .hasMessageContaining("mutant 3 finds nothing like this in A.java");
    }

    @Test
    void laterEditOfAFileSeesTheEarlierOnes(@TempDir Path root) throws Exception {
        Files.writeString(root.resolve("A.java"), "a; b;");
        Mutant mutant = parse("7: t\n@ A.java\n- a;\n+ b; c;\n- b; c;\n+ d;\n");
        assertThat(mutant.applyTo(root).get("A.java").replaceAll("\\s+", " ").strip())
                .isEqualTo("d; b;");
    }

    @Test
    void fileThatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> parse("second vote\n@ A\n- a\n"))
                .hasMessageContaining("07.mutant should begin with a line like");
        assertThatThrownBy(() -> parse("7: t\n@ A\n+ a\n"))
                .hasMessageContaining("no '-' line before it");
        assertThatThrownBy(() -> parse("7: t\n@ A\n- a\nb\n"))
                .hasMessageContaining("begins with none of");
        assertThatThrownBy(() -> parse("7: t\n\n- a\n+ b\n"))
                .hasMessageContaining("changes nothing");
    }

    @Test
    void twoOfOneNumberAreRefused(@TempDir Path folder) throws Exception {
        for (String name : List.of("a", "b")) {
            Files.writeString(folder.resolve(name + ".mutant"), "7: t\n@ A\n- a\n");
        }
        assertThatThrownBy(() -> Mutant.in(folder)).hasMessageContaining("two mutants 7");
    }
}
