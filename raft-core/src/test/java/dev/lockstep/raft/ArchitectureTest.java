package dev.lockstep.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Holds the rooms apart and the protocol pure, and shows that each rule notices when they are not.
 */
final class ArchitectureTest {
    private static final String HOUSE = "dev.lockstep.raft";
    private static final String FIXTURES = HOUSE + ".archfixtures.";
    private static final Pattern CULPRIT = Pattern.compile("<([a-z.]+\\.[A-Z]\\w*)");

    @TestFactory
    Stream<DynamicTest> houseKeepsItsRules() {
        JavaClasses house =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages(HOUSE);
        assertThat(house).as("compiled classes of the module").isNotEmpty();
        return new HouseRules(HOUSE)
                .all().entrySet().stream()
                        .map(
                                rule ->
                                        dynamicTest(
                                                rule.getKey(), () -> rule.getValue().check(house)));
    }

    /**
     * In a rule's fixtures it must report the classes named {@code Bad…}, every one, and no other.
     */
    @TestFactory
    Stream<DynamicTest> everyRuleCanFail() {
        return new HouseRules(HOUSE)
                .all().keySet().stream().map(name -> dynamicTest(name, () -> reportsBadOnly(name)));
    }

    private static void reportsBadOnly(String name) {
        String root = FIXTURES + name;
        JavaClasses fixtures = new ClassFileImporter().importPackages(root);
        ArchRule rule = new HouseRules(root).all().get(name);
        List<String> report = rule.evaluate(fixtures).getFailureReport().getDetails();

        Set<String> bad = new TreeSet<>();
        for (JavaClass fixture : fixtures) {
            if (fixture.getSimpleName().startsWith("Bad")) {
                bad.add(fixture.getName());
            }
        }
        assertThat(bad).as("fixtures of %s", name).isNotEmpty();
        assertThat(culprits(report)).isEqualTo(bad);
    }

    /**
     * The first {@code <class} or {@code <class.member(…)} of each line; what follows is the
     * target.
     */
    private static Set<String> culprits(List<String> report) {
        return report.stream()
                .flatMap(String::lines)
                .map(CULPRIT::matcher)
                .filter(Matcher::find)
                .map(culprit -> culprit.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
