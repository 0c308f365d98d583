package dev.lockstep.raft.testkit.mutants;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The command {@code raft-testkit/mutants}: breaks the protocol in each known way, and shows which
 * test and which simulation seed notices.
 */
final class Mutants {
    private static final String USAGE =
            """
            usage: raft-testkit/mutants [options] [numbers]
              numbers          which, like 3 9b 14-20; all of raft-testkit/mutants.d when none is given
              --simulate-only  no tests, just simulation seeds
              --tests-only     no simulation seeds
              --budget M       core-minutes for the seeds of a mutant that no test catches; 60 unless set
              --beside S       core-seconds for the seeds of a mutant that a test has caught; 30 unless set
              --from N         the first seed; 1 unless set
              --list           names them and runs nothing
            """;

    private static final String ROW = "%4s  %-58s  %-66s %8s  %10s %6s %8s%n";

    private final Path root = Path.of(System.getProperty("lockstep.root")).toAbsolutePath();
    private final PrintStream out;
    private boolean tests = true;
    private boolean seeds = true;
    private boolean list;
    private long budgetSeconds = 3_600;
    private long besideSeconds = 30;
    private long from = 1;
    private final List<String> wanted = new ArrayList<>();
    private final List<Row> rows = new ArrayList<>();

    private record Row(Mutant mutant, Hunter.Trail tests, Hunter.Trail seeds) {
        boolean isCaught() {
            return tests.isCaught() || seeds.isCaught();
        }

        /** What it took to know that the protocol is wrong. */
        double neededSeconds() {
            return tests.isCaught() ? tests.cpuSeconds() : tests.cpuSeconds() + seeds.cpuSeconds();
        }
    }

    private Mutants(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] arguments) throws Exception {
        System.exit(new Mutants(System.out).run(arguments));
    }

    private int run(String[] arguments) throws IOException, InterruptedException {
        try {
            read(arguments);
        } catch (IllegalArgumentException e) {
            out.print(e.getMessage() + "\n" + USAGE);
            return 2;
        }
        List<Mutant> mutants =
                Mutant.in(root.resolve("raft-testkit/mutants.d")).stream()
                        .filter(this::isWanted)
                        .toList();
        if (mutants.isEmpty()) {
            out.println("raft-testkit/mutants.d has none of " + wanted);
            return 2;
        }
        if (list) {
            mutants.forEach(mutant -> out.printf("%4s  %s%n", mutant.id(), mutant.title()));
            return 0;
        }
        Hunter hunter = new Hunter(root, System.getProperty("java.class.path"));
        try {
            hunt(hunter, mutants);
        } catch (IllegalArgumentException | IllegalStateException e) {
            out.println(e.getMessage());
            return 2;
        }
        if (!hunter.failingWithout().isEmpty()) {
            out.println(
                    "not counted, since they fail without any mutant, too: "
                            + hunter.failingWithout());
        }
        out.println(sum());
        return rows.stream().allMatch(Row::isCaught) ? 0 : 1;
    }

    private void read(String[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--simulate-only" -> tests = false;
                case "--tests-only" -> seeds = false;
                case "--list" -> list = true;
                case "--budget" -> budgetSeconds = (long) (60 * number(arguments, ++i));
                case "--beside" -> besideSeconds = (long) number(arguments, ++i);
                case "--from" -> from = (long) number(arguments, ++i);
                default -> {
                    if (!arguments[i].matches("\\d+[a-z]?|\\d+-\\d+")) {
                        throw new IllegalArgumentException("what is '" + arguments[i] + "'?");
                    }
                    wanted.add(arguments[i]);
                }
            }
        }
    }

    private static double number(String[] arguments, int i) {
        if (i == arguments.length || !arguments[i].matches("\\d+(\\.\\d+)?")) {
            throw new IllegalArgumentException(arguments[i - 1] + " wants a number");
        }
        return Double.parseDouble(arguments[i]);
    }

    private boolean isWanted(Mutant mutant) {
        return wanted.isEmpty()
                || wanted.stream()
                        .anyMatch(
                                w -> {
                                    int dash = w.indexOf('-');
                                    if (dash > 0) {
                                        return mutant.number()
                                                        >= Integer.parseInt(w.substring(0, dash))
                                                && mutant.number()
                                                        <= Integer.parseInt(w.substring(dash + 1));
                                    }
                                    return w.equals(mutant.id())
                                            || w.equals(Integer.toString(mutant.number()));
                                });
    }

    private void hunt(Hunter hunter, List<Mutant> mutants)
            throws IOException, InterruptedException {
        for (Mutant mutant : mutants) {
            mutant.applyTo(root); // before an hour's work ends with one that finds nothing
        }
        Path work = root.resolve("raft-testkit/target/mutants");
        out.printf(ROW, "no", "mutant", "caught by test", "core-s", "by seed", "seeds", "core-s");
        try (MutantCompiler compiler =
                new MutantCompiler(root, System.getProperty("java.class.path"))) {
            for (Mutant mutant : mutants) {
                Path classes = work.resolve(mutant.id()).resolve("classes");
                delete(classes.getParent());
                compiler.compileModules(mutant, classes);
                hunt(hunter, mutant, classes);
            }
        }
    }

    private void hunt(Hunter hunter, Mutant mutant, Path classes)
            throws IOException, InterruptedException {
        Hunter.Trail byTests = new Hunter.Trail(null, 0, 0);
        if (tests) {
            byTests = hunter.byTests(mutant, classes);
        }
        Hunter.Trail bySeeds = new Hunter.Trail(null, 0, 0);
        if (seeds) {
            long budget = byTests.isCaught() ? besideSeconds : budgetSeconds;
            bySeeds = hunter.bySeeds(classes, from, budget);
        }
        Row row = new Row(mutant, byTests, bySeeds);
        rows.add(row);
        out.printf(
                ROW,
                mutant.id(),
                mutant.title(),
                tests ? shown(byTests) : "",
                tests ? seconds(byTests.cpuSeconds()) : "",
                seeds ? shown(bySeeds) : "",
                seeds ? bySeeds.seeds() : "",
                seeds ? seconds(bySeeds.cpuSeconds()) : "");
        out.flush();
    }

    private static String shown(Hunter.Trail trail) {
        return trail.by() == null ? "-" : trail.by();
    }

    private static String seconds(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private String sum() {
        List<Row> caught =
                rows.stream()
                        .filter(Row::isCaught)
                        .sorted((a, b) -> Double.compare(a.neededSeconds(), b.neededSeconds()))
                        .toList();
        List<Row> survivors = rows.stream().filter(row -> !row.isCaught()).toList();
        StringBuilder text = new StringBuilder();
        text.append(
                String.format(Locale.ROOT, "%d of %d mutants caught", caught.size(), rows.size()));
        if (!survivors.isEmpty()) {
            text.append(
                    survivors.stream()
                            .map(row -> row.mutant.id())
                            .collect(Collectors.joining(" ", ", not caught: ", "")));
        }
        if (!caught.isEmpty()) {
            Row worst = caught.get(caught.size() - 1);
            text.append(
                    String.format(
                            Locale.ROOT,
                            "; core-seconds needed: median %.1f, worst %.1f (%s)",
                            caught.get((caught.size() - 1) / 2).neededSeconds(),
                            worst.neededSeconds(),
                            worst.mutant.id()));
        }
        if (tests && seeds) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "; %d by tests, %d by seeds",
                            rows.stream().filter(row -> row.tests.isCaught()).count(),
                            rows.stream().filter(row -> row.seeds.isCaught()).count()));
        }
        return text.toString();
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            tree.sorted((a, b) -> b.compareTo(a)).map(Path::toFile).forEach(File::delete);
        }
    }
}
