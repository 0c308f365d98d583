package dev.lockstep.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.raft.node.HostHealth;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real sockets, and clients that don't behave. */
@Timeout(30)
class HttpPortTest {
    private static final Duration LIFETIME = Duration.ofMillis(500);

    private HostHealth health = new HostHealth(List.of(), List.of());
    private String metrics = "a_metric 1.0\n";
    private HttpPort http;

    @BeforeEach
    void start() throws IOException {
        http = start(0);
    }

    private HttpPort start(int port) throws IOException {
        return HttpPort.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                new HttpPort.Pages(() -> health, () -> metrics),
                LIFETIME);
    }

    @AfterEach
    void stop() {
        http.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), http.port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** Sends it, and reads until the other side has closed. */
    private String exchange(byte[] request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request);
            return rest(socket);
        }
    }

    private static String rest(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private String get(String path) throws IOException {
        return exchange(request("GET " + path + " HTTP/1.1"));
    }

    private static byte[] request(String line) {
        return (line + "\r\nHost: h\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static String body(String response) {
        return response.substring(response.indexOf("\r\n\r\n") + 4);
    }

    @Test
    void whatIsWellIsSaidWith200() throws IOException {
        assertThat(get("/live")).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nlive\n");
        assertThat(get("/ready?verbose=1")).startsWith("HTTP/1.1 200 OK\r\n").endsWith("ready\n");
        assertThat(body(get("/metrics"))).isEqualTo("a_metric 1.0\n");
    }

    @Test
    void whatIsNotWellIsSaidWith503AndTheReasons() throws IOException {
        health = new HostHealth(List.of(), List.of("group kv knows no leader", "and more"));
        assertThat(get("/live")).startsWith("HTTP/1.1 200 OK\r\n");
        String ready = get("/ready");
        assertThat(ready).startsWith("HTTP/1.1 503 Service Unavailable\r\n");
        assertThat(body(ready)).isEqualTo("not ready\ngroup kv knows no leader\nand more\n");

        health = new HostHealth(List.of("loop net is stuck"), List.of());
        assertThat(get("/live")).startsWith("HTTP/1.1 503 ").endsWith("loop net is stuck\n");
    }

    @Test
    void aHeadHasNoBodyAndWhatElseIsAskedIsRefused() throws IOException {
        assertThat(exchange(request("HEAD /live HTTP/1.1")))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-length: 5")
                .endsWith("\r\n\r\n");
        assertThat(exchange(request("POST /live HTTP/1.1"))).startsWith("HTTP/1.1 405 ");
        assertThat(get("/")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void aSecondRequestOnAConnectionIsNotAnswered() throws IOException {
        byte[] one = request("GET /live HTTP/1.1");
        byte[] two = new byte[2 * one.length];
        System.arraycopy(one, 0, two, 0, one.length);
        System.arraycopy(one, 0, two, one.length, one.length);
        assertThat(exchange(two).split("HTTP/1.1 200")).hasSize(2);
    }

    @Test
    void aLineOrAHeadThatIsTooLongIsRefused() throws IOException {
        assertThat(get("/" + "x".repeat(2000))).startsWith("HTTP/1.1 400 ");
        String head = "GET /live HTTP/1.1\r\nX: " + "y".repeat(10_000) + "\r\n\r\n";
        assertThat(exchange(head.getBytes(StandardCharsets.US_ASCII))).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void garbageEndsItsConnectionAndNothingElse() throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < 50; i++) {
            byte[] garbage = new byte[1 + random.nextInt(4000)];
            random.nextBytes(garbage);
            try {
                assertThat(exchange(garbage)).doesNotContain("200 OK");
            } catch (IOException e) {
                // It was reset with what it sent still unread, which is an end too.
                assertThat(e).isNotInstanceOf(SocketTimeoutException.class);
            }
        }
        assertThat(get("/live")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void whoSendsAByteNowAndThenIsCutOffAndHoldsUpNobody() throws Exception {
        long begun = System.nanoTime();
        try (Socket slow = connect()) {
            InputStream in = slow.getInputStream();
            byte[] request = request("GET /live HTTP/1.1\r\nX-Very-Long: " + "y".repeat(4000));
            int sent = 0;
            boolean open = true;
            while (open && sent < request.length) {
                slow.setSoTimeout(20); // which is the pause between two bytes as well
                try {
                    slow.getOutputStream().write(request[sent++]);
                    open = in.read() >= 0;
                } catch (SocketTimeoutException e) {
                    open = true;
                } catch (IOException e) {
                    open = false;
                }
                if (sent == 5) {
                    assertThat(get("/live")).startsWith("HTTP/1.1 200 ");
                }
            }
            assertThat(open).isFalse();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .isBetween(LIFETIME.minusMillis(50), LIFETIME.plusSeconds(8));
    }

    @Test
    void whoReadsNothingIsCutOff() throws Exception {
        metrics = "x".repeat(32 * 1024 * 1024); // more than the kernel's buffers take
        try (Socket deaf = connect()) {
            deaf.getOutputStream().write(request("GET /metrics HTTP/1.1"));
            Thread.sleep(LIFETIME.plusMillis(500).toMillis());
            int seen = 0;
            try {
                seen = deaf.getInputStream().readAllBytes().length;
            } catch (IOException e) {
                assertThat(e).isNotInstanceOf(SocketTimeoutException.class);
            }
            assertThat(seen).isLessThan(metrics.length());
        }
    }

    @Test
    void thereAreOnlySoManyConnectionsAndTheyMakeRoom() throws Exception {
        List<Socket> held = new ArrayList<>();
        try {
            for (int i = 0; i < HttpPort.MAX_CONNECTIONS; i++) {
                held.add(connect());
            }
            try (Socket tooMany = connect()) {
                assertThat(tooMany.getInputStream().read()).isEqualTo(-1);
            }
            for (Socket each : held) {
                assertThat(each.getInputStream().read()).isEqualTo(-1); // its time was over
            }
            assertThat(get("/live")).startsWith("HTTP/1.1 200 ");
        } finally {
            for (Socket each : held) {
                each.close();
            }
        }
    }

    @Test
    void aPortThatIsTakenIsSaid() {
        assertThatThrownBy(() -> start(http.port()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can't listen on")
                .hasMessageContaining("for HTTP");
    }
}
