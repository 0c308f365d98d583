package dev.lockstep.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerOptionsTest {
    private final StringWriter errors = new StringWriter();

    @Test
    void aWrongOptionIsToldInTwoLines() {
        assertRefuses(
                2, "Missing required option", "--node=n1", "--peers=n1=127.0.0.1:1", "--data=x");
        assertRefuses(2, "Unknown option", with("--bogus=1"));
        assertRefuses(2, "--peers doesn't name this node, n9", with("--node=n9"));
        assertRefuses(2, "a peer is written as node=host:port", with("--peers=n1"));
        assertRefuses(2, "--redis-port must be 0 to 65535", with("--redis-port=70000"));
        assertRefuses(2, "Invalid value for option '--redis-port'", with("--redis-port=x"));
        assertRefuses(2, "--http-port must be 0 to 65535", with("--http-port=-1"));
        assertRefuses(
                2,
                "--http-bind can't be resolved",
                "--cluster=demo",
                "--node=n1",
                "--peers=n1=127.0.0.1:1",
                "--data=x",
                "--http-port=0",
                "--http-bind=no such host");
        assertRefuses(2, "electionTimeout", with("--election-timeout=1"));
        assertRefuses(2, "cluster id may hold", with("--cluster=a b"));
        assertRefuses(2, "a segment must have a multiple of", with("--segment-bytes=1"));
        assertRefuses(2, "snapshotBytes", with("--snapshot-bytes=0"));
        assertRefuses(2, "keptLogBytes", with("--kept-log-bytes=-1"));
        assertRefuses(2, "cacheBytes", with("--cache-bytes=-1"));
    }

    @Test
    void theConfigFileIsCheckedToo(@TempDir Path directory) throws IOException {
        Path config = directory.resolve("server.properties");
        assertRefuses(2, "can't read " + config, "--config=" + config);
        Files.writeString(config, "redis-prot=1\n");
        assertRefuses(2, "unknown option: redis-prot", "--config", config.toString());
        Files.writeString(
                config,
                "cluster=demo\nnode=n1\npeers=n1=127.0.0.1:1,n2=127.0.0.1:2\ndata=x\nredis-port=x\n");
        assertRefuses(2, "Invalid value for option '--redis-port'", "--config", config.toString());
        assertRefuses(
                2,
                "--peers doesn't name this node, n9",
                "--config=" + config,
                "--redis-port=1",
                "--node=n9");
    }

    @Test
    void helpAndVersionEndWell() {
        assertThat(Server.run(new PrintWriter(errors, true), "--help")).isZero();
        assertThat(Server.run(new PrintWriter(errors, true), "--version")).isZero();
    }

    private static String[] with(String option) {
        String name = option.substring(0, option.indexOf('='));
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "--cluster=demo",
                                "--node=n1",
                                "--peers=n1=127.0.0.1:1",
                                "--data=x"));
        all.removeIf(given -> given.startsWith(name + "="));
        all.add(option);
        return all.toArray(String[]::new);
    }

    private void assertRefuses(int exitCode, String message, String... args) {
        errors.getBuffer().setLength(0);
        assertThat(Server.run(new PrintWriter(errors, true), args)).isEqualTo(exitCode);
        assertThat(errors.toString()).startsWith("server: ").contains(message);
        assertThat(errors.toString().lines().count()).as(errors.toString()).isLessThanOrEqualTo(2);
    }
}
