package dev.lockstep.raft.testkit.mutants;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Compiles mutants against the classes as they are, without the lints and checks of the build: a
 * wrong step may leave a variable unused.
 */
final class MutantCompiler implements AutoCloseable {
    private final Path root;
    private final List<String> options;
    private final JavaCompiler javac;
    private final StandardJavaFileManager files;

    /**
     * @param root of the repository
     * @param classPath what the sources are compiled against
     */
    MutantCompiler(Path root, String classPath) {
        this.root = root;
        this.options =
                List.of("-classpath", classPath, "-proc:none", "-nowarn", "-implicit:none", "-g");
        this.javac = ToolProvider.getSystemJavaCompiler();
        if (javac == null) {
            throw new IllegalStateException("this is a Java without compiler; run it with a JDK");
        }
        this.files = javac.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8);
    }

    /** Compiles only the sources that it changes. */
    void compileChanged(Mutant mutant, Path into) throws IOException {
        List<JavaFileObject> units = new ArrayList<>();
        mutant.applyTo(root).forEach((name, source) -> units.add(unit(name, source)));
        compile(mutant, units, into);
    }

    /**
     * Compiles the modules that it changes, whole: others of their classes may hold copies of a
     * changed constant, or call a changed method.
     */
    void compileModules(Mutant mutant, Path into) throws IOException {
        Map<String, String> changed = mutant.applyTo(root);
        List<JavaFileObject> units = new ArrayList<>();
        changed.forEach((name, source) -> units.add(unit(name, source)));
        for (String module :
                changed.keySet().stream().map(MutantCompiler::moduleOf).distinct().toList()) {
            for (Path source : sources(root.resolve(module))) {
                String name = root.relativize(source).toString();
                if (!changed.containsKey(name) && !name.endsWith("module-info.java")) {
                    units.add(unit(name, Files.readString(source)));
                }
            }
        }
        compile(mutant, units, into);
    }

    static String moduleOf(String file) {
        return file.substring(0, file.indexOf("/src/"));
    }

    private static List<Path> sources(Path module) throws IOException {
        List<Path> all = new ArrayList<>();
        for (String folder : List.of("src/main/java", "target/generated-sources")) {
            if (Files.isDirectory(module.resolve(folder))) {
                try (Stream<Path> tree = Files.walk(module.resolve(folder))) {
                    tree.filter(file -> file.toString().endsWith(".java"))
                            .sorted()
                            .forEach(all::add);
                }
            }
        }
        return all;
    }

    private void compile(Mutant mutant, List<JavaFileObject> units, Path into) throws IOException {
        Files.createDirectories(into);
        List<String> arguments = new ArrayList<>(options);
        arguments.addAll(List.of("-d", into.toString()));
        StringWriter said = new StringWriter();
        if (!javac.getTask(said, files, null, arguments, null, units).call()) {
            throw new IllegalArgumentException(mutant + " doesn't compile:\n" + said);
        }
    }

    private static JavaFileObject unit(String name, String source) {
        return new Source(name, source);
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String name, String text) {
            super(URI.create("string:///" + name), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    @Override
    public void close() throws IOException {
        files.close();
    }
}
