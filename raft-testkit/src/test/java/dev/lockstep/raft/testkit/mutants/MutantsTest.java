package dev.lockstep.raft.testkit.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The mutants' share of every build: all are still what they claim to be, and some, others each
 * day, are hunted. {@code raft-testkit/mutants} hunts all.
 */
class MutantsTest {
    private static final int HUNTED = Boolean.getBoolean("lockstep.ci") ? 2 : 1;
    private static final long SEEDS_CPU_SECONDS = 120;

    private final Path root = Path.of("").toAbsolutePath().getParent();
    private final String classPath = System.getProperty("java.class.path");

    private List<Mutant> mutants() throws IOException {
        return Mutant.in(root.resolve("raft-testkit/mutants.d"));
    }

    @Test
    void everyMutantFindsItsPlaceAndCompiles(@TempDir Path folder) throws Exception {
        List<String> broken = new ArrayList<>();
        try (MutantCompiler compiler = new MutantCompiler(root, classPath)) {
            for (Mutant mutant : mutants()) {
                try {
                    compiler.compileChanged(mutant, folder.resolve(mutant.id()));
                } catch (IllegalArgumentException e) {
                    broken.add(e.getMessage());
                }
            }
        }
        assertThat(broken)
                .as("mutants to be written anew for the sources as they are now")
                .isEmpty();
    }

    @Test
    void someMutantsOfTheDayAreCaught(@TempDir Path folder) throws Exception {
        long seed = Long.getLong("lockstep.seed", LocalDate.now(ZoneOffset.UTC).toEpochDay());
        System.out.println("mutants of -Dlockstep.seed=" + seed);
        List<Mutant> all = mutants();
        Hunter hunter =
                new Hunter(
                        root,
                        classPath
                                + File.pathSeparator
                                + root.resolve("raft-core/target/test-classes")
                                + File.pathSeparator
                                + root.resolve("raft-storage/target/test-classes"));
        List<String> survivors = new ArrayList<>();
        try (MutantCompiler compiler = new MutantCompiler(root, classPath)) {
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < HUNTED; i++) {
                Mutant mutant = all.get(random.nextInt(all.size()));
                Path classes = folder.resolve(i + "/classes");
                compiler.compileModules(mutant, classes);
                Hunter.Trail trail = hunter.byTests(mutant, classes);
                if (!trail.isCaught()) {
                    trail = hunter.bySeeds(classes, 1, SEEDS_CPU_SECONDS);
                }
                System.out.println(mutant + ": " + trail);
                if (!trail.isCaught()) {
                    survivors.add(mutant.toString());
                }
            }
        }
        assertThat(survivors).as("not caught with -Dlockstep.seed=" + seed).isEmpty();
    }
}
