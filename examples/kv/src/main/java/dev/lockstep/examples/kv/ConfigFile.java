package dev.lockstep.examples.kv;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Options in a properties file, named as on the command line without the dashes ({@code
 * redis-port=6381}). What the command line says wins.
 */
final class ConfigFile implements IDefaultValueProvider {
    private final Properties values;

    private ConfigFile(Properties values) {
        this.values = values;
    }

    /**
     * @throws IOException when it can't be read, or names an option that there isn't; a typo must
     *     not go unseen
     */
    static ConfigFile read(Path file, CommandSpec command) throws IOException {
        Properties values = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            values.load(in);
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException("can't read " + file + " as properties: " + e, e);
        }
        for (String name : values.stringPropertyNames()) {
            if (command.findOption("--" + name) == null) {
                throw new IOException(file + " has an unknown option: " + name);
            }
        }
        return new ConfigFile(values);
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (argument instanceof OptionSpec option) {
            String found = values.getProperty(option.longestName().substring(2));
            return found == null ? null : found.trim();
        }
        return null;
    }
}
