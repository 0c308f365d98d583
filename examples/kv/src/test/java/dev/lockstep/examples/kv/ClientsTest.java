package dev.lockstep.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.resps.ScanResult;

/** Clients that people use, as they come. */
class ClientsTest {
    private TestServer server;

    /** Lettuce 7.1 mixes up the two where both are available, as they are with netty-all. */
    @BeforeAll
    static void keepLettuceFromNativeTransports() {
        System.setProperty("io.lettuce.core.iouring", "false");
        System.setProperty("io.lettuce.core.epoll", "false");
    }

    @BeforeEach
    void start() throws IOException {
        server = new TestServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void jedisWorks() {
        try (Jedis jedis = new Jedis("127.0.0.1", server.port())) {
            assertThat(jedis.ping()).isEqualTo("PONG");
            assertThat(jedis.set("k", "v", SetParams.setParams().nx().ex(100))).isEqualTo("OK");
            assertThat(jedis.set("k", "w", SetParams.setParams().nx())).isNull();
            assertThat(jedis.ttl("k")).isEqualTo(100);
            assertThat(jedis.mget("k", "missing")).containsExactly("v", null);
            assertThat(jedis.incrBy("n", 5)).isEqualTo(5);
            assertThatThrownBy(() -> jedis.incr("k"))
                    .isInstanceOf(JedisDataException.class)
                    .hasMessage("ERR value is not an integer or out of range");
            Pipeline pipeline = jedis.pipelined();
            List<Response<Long>> counts = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                counts.add(pipeline.incr("n"));
            }
            pipeline.sync();
            assertThat(counts.get(499).get()).isEqualTo(505);
            assertThat(scanned(jedis)).containsExactlyInAnyOrder("k", "n");
        }
    }

    private static Set<String> scanned(Jedis jedis) {
        Set<String> keys = new HashSet<>();
        String cursor = ScanParams.SCAN_POINTER_START;
        do {
            ScanResult<String> some = jedis.scan(cursor, new ScanParams().count(1));
            keys.addAll(some.getResult());
            cursor = some.getCursor();
        } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
        return keys;
    }

    @Test
    void lettuceFallsBackToResp2AndWorks() throws Exception {
        RedisClient client =
                RedisClient.create(
                        RedisURI.builder()
                                .withHost("127.0.0.1")
                                .withPort(server.port())
                                .withClientName("test")
                                .build());
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            var commands = connection.sync();
            assertThat(commands.ping()).isEqualTo("PONG");
            assertThat(commands.clientGetname()).isEqualTo("test");
            assertThat(commands.set("k", "v", SetArgs.Builder.px(100_000))).isEqualTo("OK");
            assertThat(commands.setGet("k", "w")).isEqualTo("v");
            assertThat(commands.mget("k", "missing"))
                    .extracting(KeyValue::hasValue)
                    .containsExactly(true, false);
            assertThat(commands.scan().getKeys()).containsExactly("k");
            List<RedisFuture<Long>> counts = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                counts.add(connection.async().incr("n"));
            }
            assertThat(counts.get(499).get(10, TimeUnit.SECONDS)).isEqualTo(500);
        } finally {
            client.shutdown(0, 1, TimeUnit.SECONDS);
        }
    }

    @Test
    void redisCliWorks() throws Exception {
        assumeTrue(CommandLineTools.isInstalled("redis-cli"), "no redis-cli here");
        assertThat(cli("SET", "k", "a b")).isEqualTo("OK\n");
        assertThat(cli("GET", "k")).isEqualTo("a b\n");
        assertThat(cli("--scan")).isEqualTo("k\n");
        assertThat(cli("NONSENSE")).startsWith("ERR unknown command 'NONSENSE'");
        assertThat(cli("RAFT.STATUS")).contains("role\nleader\n");
        assertThat(cli("-3", "GET", "k")).contains("NOPROTO");
    }

    private String cli(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("redis-cli", "-p", "" + server.port()));
        command.addAll(List.of(words));
        return CommandLineTools.run(command.toArray(String[]::new));
    }

    @Test
    void redisBenchmarkWorks() throws Exception {
        assumeTrue(CommandLineTools.isInstalled("redis-benchmark"), "no redis-benchmark here");
        String[] benchmark = {
            "redis-benchmark",
            "-p",
            "" + server.port(),
            "-t",
            "set,get,incr",
            "-n",
            "5000",
            "-P",
            "16",
            "-r",
            "100",
            "-q"
        };
        String printed = CommandLineTools.run(benchmark);
        assertThat(printed)
                .contains("SET:")
                .contains("GET:")
                .contains("INCR:")
                .doesNotContain("WARN");
    }
}
