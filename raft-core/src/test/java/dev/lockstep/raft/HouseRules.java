package dev.lockstep.raft;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.accessTargetWhere;
import static com.tngtech.archunit.lang.conditions.ArchConditions.dependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.thirdparty.org.objectweb.asm.ClassReader;
import com.tngtech.archunit.thirdparty.org.objectweb.asm.ClassVisitor;
import com.tngtech.archunit.thirdparty.org.objectweb.asm.MethodVisitor;
import com.tngtech.archunit.thirdparty.org.objectweb.asm.Opcodes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The rules of the house, for the packages below a root: the real ones, or the small violating ones
 * in {@code archfixtures}, which show that each rule can fail.
 */
final class HouseRules {
    /** What each room may import, all the way down; {@code architecture.md} has the short form. */
    private static final Map<String, List<String>> ROOMS = rooms();

    /** No thread, clock, I/O, lock, logger or unseeded random number in these. */
    private static final List<String> PURE =
            List.of("core", "quorum", "applied", "model", "message");

    private static final String COLLECTORS = "java.util.stream.Collectors";

    private final String root;

    HouseRules(String root) {
        this.root = root;
    }

    private static Map<String, List<String>> rooms() {
        Map<String, List<String>> rooms = new LinkedHashMap<>();
        rooms.put("model", List.of());
        rooms.put("message", List.of("model"));
        rooms.put("quorum", List.of("model"));
        rooms.put("core", List.of("quorum", "message", "model"));
        rooms.put("applied", List.of("model"));
        rooms.put("spi", List.of("message", "model"));
        rooms.put("runtime", List.of("core", "applied", "spi", "quorum", "message", "model"));
        rooms.put(
                "node", List.of("runtime", "core", "applied", "spi", "quorum", "message", "model"));
        return rooms;
    }

    /** Every rule by its name, which is also the name of its fixtures' package. */
    Map<String, ArchRule> all() {
        Map<String, ArchRule> rules = new LinkedHashMap<>();
        rules.put("homeless", everyClassLivesInARoom());
        rules.put("downwards", roomsImportDownwardsOnly());
        rules.put("cycles", slices().matching(root + ".(*)..").should().beFreeOfCycles());
        rules.put("dependencies", onlyTheJdkAndSlf4j());
        rules.put("logging", loggingStaysInRuntimeAndNode());
        rules.put("threads", noThreads());
        rules.put("locks", noLocks());
        rules.put("clocks", noClocks());
        rules.put("io", noInputOrOutput());
        rules.put("randomness", noUnseededRandomness());
        rules.put("hashorder", noHashOrder());
        rules.replaceAll((name, rule) -> rule.allowEmptyShould(true));
        return rules;
    }

    private ArchRule everyClassLivesInARoom() {
        return classes()
                .that()
                .resideInAPackage(root + "..")
                .should()
                .resideInAnyPackage(packagesOf(List.copyOf(ROOMS.keySet())));
    }

    private ArchRule roomsImportDownwardsOnly() {
        return CompositeArchRule.of(
                ROOMS.entrySet().stream()
                        .map(room -> importsOnly(room.getKey(), room.getValue()))
                        .toList());
    }

    private ArchRule importsOnly(String room, List<String> below) {
        return classes()
                .that()
                .resideInAPackage(packageOf(room))
                .should()
                .onlyDependOnClassesThat(
                        resideOutsideOfPackage(root + "..")
                                .or(resideInAnyPackage(packageOf(room)))
                                .or(resideInAnyPackage(packagesOf(below))));
    }

    private ArchRule onlyTheJdkAndSlf4j() {
        return classes()
                .that()
                .resideInAPackage(root + "..")
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage(
                                "java..",
                                "jdk.jfr..",
                                "org.slf4j..",
                                "org.jspecify..",
                                root + ".."));
    }

    private ArchRule loggingStaysInRuntimeAndNode() {
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .and()
                .resideOutsideOfPackages(packagesOf(List.of("runtime", "node")))
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("org.slf4j..", "java.util.logging..", "jdk.jfr..")
                                .or(
                                        named(
                                                "java.lang.System$Logger",
                                                "java.lang.System$Logger$Level")))
                .orShould(accessTargetWhere(member("java.lang.System", "out", "err")));
    }

    private ArchRule noThreads() {
        var types =
                resideInAnyPackage("java.util.concurrent..")
                        .or(named("java.lang.Thread", "java.lang.ThreadGroup"))
                        .or(named("java.lang.ThreadLocal", "java.lang.InheritableThreadLocal"))
                        .or(named("java.util.Timer"));
        var members =
                anyOwner("java.util", "parallelStream")
                        .or(anyOwner("java.util.stream", "parallel"));
        return never(PURE, types, members);
    }

    private ArchRule noLocks() {
        var members = member("java.lang.Object", "wait", "notify", "notifyAll");
        return noClasses()
                .that()
                .resideInAnyPackage(packagesOf(PURE))
                .should(lockTheirMonitor().or(accessTargetWhere(members)));
    }

    private ArchRule noClocks() {
        var types =
                named("java.time.Clock", "java.time.InstantSource")
                        .or(named("java.util.Date", "java.util.Calendar"));
        var members =
                member("java.lang.System", "nanoTime", "currentTimeMillis")
                        .or(anyOwner("java.time", "now"));
        return never(PURE, types, members);
    }

    private ArchRule noInputOrOutput() {
        // The name of a failure is not the act: an exception may be one of I/O.
        var types =
                resideInAnyPackage("java.io..", "java.net..")
                        .or(resideInAnyPackage("java.nio.file..", "java.nio.channels.."))
                        .and(not(named("java.io.IOException", "java.io.UncheckedIOException")));
        return never(PURE, types, member("java.lang.System", "in", "getenv", "getProperty"));
    }

    private ArchRule noUnseededRandomness() {
        var types = named("java.security.SecureRandom", "java.util.random.RandomGeneratorFactory");
        var members =
                unseeded("java.util.Random")
                        .or(unseeded("java.util.SplittableRandom"))
                        .or(member("java.lang.Math", "random"))
                        .or(member("java.lang.StrictMath", "random"))
                        .or(member("java.util.UUID", "randomUUID"))
                        .or(member("java.util.random.RandomGenerator", "of", "getDefault"));
        return never(PURE, types, members);
    }

    /**
     * A replay from a seed must take the same path, so nothing may be visited in the order of hash
     * codes, which differ from one JVM to the next. Linked, sorted and enum collections are fine.
     */
    private ArchRule noHashOrder() {
        var types =
                named("java.util.HashMap", "java.util.HashSet", "java.util.Hashtable")
                        .or(named("java.util.IdentityHashMap", "java.util.WeakHashMap"));
        var members =
                member("java.util.Map", "of", "ofEntries", "copyOf")
                        .or(member("java.util.Set", "of", "copyOf"))
                        .or(member(COLLECTORS, "toSet", "toUnmodifiableSet"))
                        .or(member(COLLECTORS, "toMap", "toUnmodifiableMap"))
                        .or(member(COLLECTORS, "groupingBy", "partitioningBy"))
                        .or(member("java.lang.Object", "hashCode"))
                        .or(member("java.lang.System", "identityHashCode"));
        return never(List.of("core", "quorum", "applied"), types, members);
    }

    private ArchRule never(
            List<String> rooms,
            DescribedPredicate<JavaClass> types,
            DescribedPredicate<JavaAccess<?>> members) {
        return noClasses()
                .that()
                .resideInAnyPackage(packagesOf(rooms))
                .should(dependOnClassesThat(types).or(accessTargetWhere(members)));
    }

    private String packageOf(String room) {
        return root + "." + room + "..";
    }

    private String[] packagesOf(List<String> rooms) {
        return rooms.stream().map(this::packageOf).toArray(String[]::new);
    }

    private static DescribedPredicate<JavaClass> named(String... names) {
        Set<String> set = new TreeSet<>(Arrays.asList(names));
        return describe("are one of " + set, type -> set.contains(type.getName()));
    }

    /** Calls of, references to and accesses of these members, whatever their parameters. */
    private static DescribedPredicate<JavaAccess<?>> member(String owner, String... names) {
        Set<String> set = new TreeSet<>(Arrays.asList(names));
        return describe(
                "target is one of " + owner + set,
                access ->
                        access.getTargetOwner().getName().equals(owner)
                                && set.contains(access.getName()));
    }

    private static DescribedPredicate<JavaAccess<?>> anyOwner(String packageName, String name) {
        return describe(
                "target is " + name + " of a class in " + packageName,
                access ->
                        access.getTargetOwner().getPackageName().equals(packageName)
                                && access.getName().equals(name));
    }

    private static DescribedPredicate<JavaAccess<?>> unseeded(String generator) {
        return describe(
                "target is new " + generator + "() without a seed",
                access -> access.getTarget().getFullName().equals(generator + ".<init>()"));
    }

    /**
     * ArchUnit sees the modifier of a method, but not what is inside; so the bytecode is read
     * again.
     */
    private static ArchCondition<JavaClass> lockTheirMonitor() {
        return new ArchCondition<>("lock a monitor") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (JavaMethod method : type.getMethods()) {
                    if (method.getModifiers().contains(JavaModifier.SYNCHRONIZED)) {
                        report(type, "<" + method.getFullName() + "> is synchronized", events);
                    }
                }
                if (entersMonitor(type)) {
                    report(type, "<" + type.getName() + "> has a synchronized block", events);
                }
            }

            private void report(JavaClass type, String what, ConditionEvents events) {
                events.add(SimpleConditionEvent.satisfied(type, what));
            }
        };
    }

    private static boolean entersMonitor(JavaClass type) {
        MonitorFinder finder = new MonitorFinder();
        try (InputStream bytes = type.getSource().orElseThrow().getUri().toURL().openStream()) {
            new ClassReader(bytes).accept(finder, ClassReader.SKIP_DEBUG);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + type.getName() + " again", e);
        }
        return finder.found;
    }

    private static final class MonitorFinder extends ClassVisitor {
        private boolean found;

        MonitorFinder() {
            super(Opcodes.ASM9);
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] exceptions) {
            return new MethodVisitor(Opcodes.ASM9) {
                @Override
                public void visitInsn(int opcode) {
                    found |= opcode == Opcodes.MONITORENTER;
                }
            };
        }
    }
}
