package dev.lockstep.examples.kv;

import java.nio.file.Path;

/** How to run a class of this class path in another process. */
public final class JavaCommand {
    private JavaCommand() {}

    public static String[] of(Class<?> main) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new String[] {java, "-cp", System.getProperty("java.class.path"), main.getName()};
    }
}
