package dev.lockstep.raft.testkit.mutants;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Sets {@link Hunt}s on a mutant, and makes sure that what they catch is the mutant. */
final class Hunter {
    /** Which tests look for wrong protocols, the quick and telling ones first. */
    private static final List<Place> CORE_TESTS =
            List.of(
                    new Place("raft-core", "quorum", false),
                    new Place("raft-core", "core", false),
                    new Place("raft-testkit", "testkit.scenario", false),
                    new Place("raft-core", "core", true),
                    new Place("raft-core", "model", false),
                    new Place("raft-core", "message", false),
                    new Place("raft-core", "applied", false),
                    new Place("raft-core", "runtime", false));

    private static final List<Place> STORAGE_TESTS =
            List.of(
                    new Place("raft-storage", "storage", false),
                    new Place("raft-storage", "storage", true));

    /** Real threads: last, since they are slow, and may fail for want of processors. */
    private static final List<Place> HOST_TESTS =
            List.of(
                    new Place("raft-core", "node", false),
                    new Place("raft-testkit", "testkit", false));

    /** A process that says nothing for so long is stuck, however slow the machine is. */
    private static final long SILENCE_SECONDS = 1_800;

    private final Path root;
    private final String classPath;
    private final Map<String, Boolean> cleanWithout = new HashMap<>();

    /**
     * @param root of the repository
     * @param classPath of the tests, and of all that they test
     */
    Hunter(Path root, String classPath) {
        this.root = root;
        this.classPath = classPath;
    }

    /** The tests of a package: its random worlds, which take long, or all others. */
    private record Place(String module, String name, boolean worlds) {}

    /**
     * What came of a hunt.
     *
     * @param by the test or seed that failed; null when none did
     * @param seeds how many were run
     * @param cpuSeconds of all cores, from the start of the process
     */
    record Trail(@Nullable String by, long seeds, double cpuSeconds) {
        boolean isCaught() {
            return by != null;
        }
    }

    /** Runs the tests that look for wrong protocols, until one fails. */
    Trail byTests(Mutant mutant, Path classes) throws IOException, InterruptedException {
        boolean storage =
                mutant.edits().stream().anyMatch(edit -> edit.file().startsWith("raft-storage/"));
        List<String> tests = new ArrayList<>(testClasses(storage ? STORAGE_TESTS : CORE_TESTS));
        tests.addAll(testClasses(storage ? CORE_TESTS : STORAGE_TESTS));
        tests.addAll(testClasses(HOST_TESTS));
        Path log = classes.resolveSibling("tests.log");
        double used = 0;
        while (true) {
            List<String> arguments = new ArrayList<>(List.of("tests"));
            arguments.addAll(tests);
            Trail trail = run(classes, arguments, log);
            used += trail.cpuSeconds();
            if (trail.by() == null) {
                return new Trail(null, 0, used);
            }
            String failed = trail.by().replaceFirst("[.,].*", "");
            int at = 0;
            while (!tests.get(at).endsWith("." + failed)) {
                at++;
            }
            if (isClean(failed, List.of("tests", tests.get(at)))) {
                return new Trail(trail.by(), 0, used);
            }
            tests = tests.subList(at + 1, tests.size());
        }
    }

    /** Runs simulation seeds from one on, until one fails or the time is up. */
    Trail bySeeds(Path classes, long from, long cpuSeconds)
            throws IOException, InterruptedException {
        Path log = classes.resolveSibling("seeds.log");
        long next = from;
        double used = 0;
        while (true) {
            Trail trail = run(classes, seeds(next, Integer.MAX_VALUE, cpuSeconds - used), log);
            used += trail.cpuSeconds();
            next += trail.seeds();
            long last = next - 1;
            if (trail.by() == null || isClean("seed " + last, seeds(last, 1, Integer.MAX_VALUE))) {
                return new Trail(trail.by(), next - from, used);
            }
        }
    }

    private static List<String> seeds(long from, long most, double cpuSeconds) {
        return List.of(
                "seeds",
                Long.toString(from),
                Long.toString(most),
                Long.toString((long) cpuSeconds));
    }

    /** Tests and seeds that fail without any mutant, too: they say nothing about one. */
    SortedSet<String> failingWithout() {
        TreeSet<String> failing = new TreeSet<>();
        cleanWithout.forEach(
                (what, clean) -> {
                    if (!clean) {
                        failing.add(what);
                    }
                });
        return failing;
    }

    private boolean isClean(String what, List<String> arguments)
            throws IOException, InterruptedException {
        Boolean clean = cleanWithout.get(what);
        if (clean == null) {
            Path log = root.resolve("raft-testkit/target/mutants/without.log");
            clean = !run(null, arguments, log).isCaught();
            cleanWithout.put(what, clean);
        }
        return clean;
    }

    private Trail run(@Nullable Path classes, List<String> arguments, Path log)
            throws IOException, InterruptedException {
        String path = classes == null ? classPath : classes + File.pathSeparator + classPath;
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-ea",
                                "-Xmx1g",
                                "-XX:+UseSerialGC",
                                "-Xshare:auto",
                                "-Dlogback.configurationFile="
                                        + root.resolve(".mvn/logback-test.xml"),
                                "-Dlockstep.log=OFF",
                                "-cp",
                                path,
                                Hunt.class.getName()));
        command.addAll(arguments);
        Files.createDirectories(log.getParent());
        Process process =
                new ProcessBuilder(command)
                        .directory(root.resolve("raft-testkit").toFile())
                        .redirectError(log.toFile())
                        .start();
        Watch watch = new Watch(process);
        watch.start();
        String at = "the start";
        double cpuSeconds = 0;
        try (BufferedReader lines =
                new BufferedReader(
                        new java.io.InputStreamReader(
                                process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                watch.heard();
                if (!line.startsWith(Hunt.MARK)) {
                    continue;
                }
                String[] fields = line.substring(Hunt.MARK.length()).split("\t", -1);
                cpuSeconds = Double.parseDouble(fields[1]);
                long count = Long.parseLong(fields[2]);
                switch (fields[0]) {
                    case Hunt.AT -> at = fields[3];
                    case Hunt.CAUGHT -> {
                        return new Trail(fields[3], count, cpuSeconds);
                    }
                    case Hunt.CLEAN -> {
                        return new Trail(null, count, cpuSeconds);
                    }
                    default -> throw new IllegalStateException(line);
                }
            }
        } finally {
            watch.interrupt();
            process.destroyForcibly();
        }
        // A wrong protocol may also fill the memory, or never end without using time.
        return new Trail(at + ", where the process ended with " + process.waitFor(), 1, cpuSeconds);
    }

    private static final class Watch extends Thread {
        private final Process process;
        private volatile long heardNanos = System.nanoTime();

        Watch(Process process) {
            super("watch");
            setDaemon(true);
            this.process = process;
        }

        void heard() {
            heardNanos = System.nanoTime();
        }

        @Override
        public void run() {
            try {
                while (!process.waitFor(1, TimeUnit.SECONDS)) {
                    if (System.nanoTime() - heardNanos > SILENCE_SECONDS * 1_000_000_000L) {
                        process.destroyForcibly();
                    }
                }
            } catch (InterruptedException e) {
                return; // its process has answered
            }
        }
    }

    private List<String> testClasses(List<Place> places) throws IOException {
        List<String> names = new ArrayList<>();
        for (Place place : places) {
            String name = "dev.lockstep.raft." + place.name;
            Path folder =
                    root.resolve(place.module)
                            .resolve("target/test-classes")
                            .resolve(name.replace('.', '/'));
            if (!Files.isDirectory(folder)) {
                continue;
            }
            try (Stream<Path> files = Files.list(folder)) {
                files.map(file -> file.getFileName().toString())
                        .filter(file -> file.endsWith("Test.class"))
                        .map(file -> file.substring(0, file.length() - ".class".length()))
                        .filter(test -> isWorld(test) == place.worlds)
                        .sorted()
                        .map(test -> name + "." + test)
                        .forEach(names::add);
            }
        }
        return names;
    }

    private static boolean isWorld(String testClass) {
        return testClass.contains("Cluster")
                || testClass.contains("Random")
                || testClass.contains("CrashPoint");
    }
}
