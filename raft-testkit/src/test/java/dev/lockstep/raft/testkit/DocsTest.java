package dev.lockstep.raft.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the documents name is there: tests, their methods, scenarios, and classes in tables. */
class DocsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern MEMBER = Pattern.compile("([A-Z]\\w*)(?:\\.([a-z]\\w*))?");
    private static final Pattern TEST = Pattern.compile("[A-Z]\\w*(?:Test|IT)");
    private static final Pattern METHOD = Pattern.compile("[a-z]+[A-Z]\\w*");
    private static final Pattern SCENARIO = Pattern.compile("[a-z][a-z0-9]*(?:-[a-z0-9]+)+");

    /** Of each class, by its simple name, the source. */
    private final Map<String, String> sources = new HashMap<>();

    @BeforeEach
    void readSources() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                String name = file.getFileName().toString().replace(".java", "");
                sources.merge(name, Files.readString(file), String::concat);
            }
        }
    }

    @Test
    void everyTestThatADocumentNamesExists() throws IOException {
        List<String> missing = new ArrayList<>();
        int named = 0;
        for (Path document : documents()) {
            for (String line : Files.readAllLines(document)) {
                named += missingTests(document, line, missing);
            }
        }
        assertThat(missing).isEmpty();
        assertThat(named).isGreaterThan(150);
    }

    @Test
    void everyScenarioThatATableNamesExists() throws IOException {
        List<String> missing = new ArrayList<>();
        int named = 0;
        for (Path document : documents()) {
            for (String line : tables(document)) {
                named += missingScenarios(document, line, missing);
            }
        }
        assertThat(missing).isEmpty();
        assertThat(named).isGreaterThan(40);
    }

    @Test
    void everyClassThatTheMapOfTheThesisNamesExists() throws IOException {
        Path map = ROOT.resolve("docs/thesis-map.md");
        List<String> missing = new ArrayList<>();
        for (String line : tables(map)) {
            Matcher code = CODE.matcher(line);
            while (code.find()) {
                Matcher member = MEMBER.matcher(code.group(1));
                if (member.matches() && lacks(member.group(1), member.group(2))) {
                    missing.add(code.group(1));
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void whatIsNotThereIsFound() {
        List<String> missing = new ArrayList<>();
        Path nowhere = Path.of("nowhere.md");
        missingTests(
                nowhere,
                "| a | `RaftSimulationTest.noSuchTest`, `norThisOne`, `NoSuchTest` |",
                missing);
        missingScenarios(nowhere, "| a | `no-such-scenario` |", missing);
        assertThat(missing).hasSize(4);
    }

    /** Adds what is missing; returns how many were named. */
    private int missingTests(Path document, String line, List<String> missing) {
        int named = 0;
        @Nullable String test = null;
        Matcher code = CODE.matcher(line);
        while (code.find()) {
            String text = code.group(1);
            Matcher member = MEMBER.matcher(text);
            if (member.matches()) {
                boolean isTest = TEST.matcher(member.group(1)).matches();
                test = isTest ? member.group(1) : null;
                if (isTest) {
                    named++;
                    if (lacks(member.group(1), member.group(2))) {
                        missing.add(document.getFileName() + ": " + text);
                    }
                }
            } else if (test != null && METHOD.matcher(text).matches()) {
                named++;
                if (lacks(test, text)) {
                    missing.add(document.getFileName() + ": " + test + "." + text);
                }
            }
        }
        return named;
    }

    private boolean lacks(String type, @Nullable String member) {
        String source = sources.get(type);
        return source == null
                || member != null
                        && !Pattern.compile("\\b" + member + "\\(").matcher(source).find();
    }

    private static int missingScenarios(Path document, String line, List<String> missing) {
        int named = 0;
        Matcher code = CODE.matcher(line);
        while (code.find()) {
            String before = line.substring(0, code.start());
            boolean said = before.endsWith("scenario ") || before.endsWith("scenarios ");
            if (said || SCENARIO.matcher(code.group(1)).matches()) {
                named++;
                String file = code.group(1) + ".txt";
                if (!isModule(code.group(1))
                        && !Files.exists(Path.of("src/test/resources/scenarios").resolve(file))) {
                    missing.add(document.getFileName() + ": scenario " + code.group(1));
                }
            }
        }
        return named;
    }

    private static boolean isModule(String name) {
        return Files.exists(ROOT.resolve(name).resolve("pom.xml"));
    }

    private static List<String> tables(Path document) throws IOException {
        return Files.readAllLines(document).stream().filter(l -> l.startsWith("|")).toList();
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
            return files.filter(file -> file.toString().endsWith(".md")).sorted().toList();
        }
    }
}
