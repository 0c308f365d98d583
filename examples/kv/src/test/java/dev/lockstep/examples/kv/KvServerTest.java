package dev.lockstep.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.examples.kv.demo.RespClient;
import dev.lockstep.examples.kv.store.KvStore;
import dev.lockstep.examples.kv.store.Reply;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Overloaded;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KvServerTest {
    private TestServer server;
    private RespClient client;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer();
        client = server.connect();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void aPipelineIsAnsweredInOrderAndTakesFewEntries() throws IOException {
        int count = 5000;
        for (int i = 0; i < count; i++) {
            client.send("SET", "k", "v" + i);
            client.send(i % 3 == 0 ? new String[] {"GET", "k"} : new String[] {"ECHO", "v" + i});
        }
        for (int i = 0; i < count; i++) {
            assertThat(client.receive()).isEqualTo(Reply.ok());
            assertThat(client.receive()).isEqualTo(Reply.bulk("v" + i));
        }
        assertThat(server.group.log().size()).isLessThan(count / 10);
    }

    @Test
    void whatComesWhileARoundIsUnderWayWaitsForIt() throws IOException {
        server.group.hold();
        client.send("SET", "k", "1");
        client.flush();
        Awaitility.await().until(server.group::isHoldingSome);
        client.send("INCR", "k");
        client.send("PING");
        server.group.release();
        assertThat(client.receive()).isEqualTo(Reply.ok());
        assertThat(client.receive()).isEqualTo(Reply.of(2));
        assertThat(client.receive()).isEqualTo(new Reply.Status("PONG"));
    }

    @Test
    void readsAloneTakeNoEntry() throws IOException {
        client.call("SET", "k", "v");
        for (int i = 0; i < 10; i++) {
            client.send("GET", "k");
        }
        for (int i = 0; i < 10; i++) {
            assertThat(client.receive()).isEqualTo(Reply.bulk("v"));
        }
        assertThat(server.group.log()).hasSize(1);
    }

    @Test
    void aReadOfAnEndedKeyGoesThroughTheLog() throws IOException {
        client.call("SET", "k", "v", "PX", "100");
        server.clock.advance(99);
        assertThat(client.call("GET", "k")).isEqualTo(Reply.bulk("v"));
        assertThat(client.call("PTTL", "k")).isEqualTo(Reply.of(1));
        server.clock.advance(1);
        assertThat(client.call("GET", "k")).isEqualTo(Reply.nil());
        assertThat(client.call("DBSIZE")).isEqualTo(Reply.of(0));
    }

    @Test
    void aBatchWithTooLargeAnswersIsContinued() throws IOException {
        client.call("SET", "big", "x".repeat(KvStore.MAX_VALUE_BYTES));
        for (int i = 0; i < 5; i++) {
            client.send("INCR", "n");
            client.send("GET", "big");
        }
        for (int i = 1; i <= 5; i++) {
            assertThat(client.receive()).isEqualTo(Reply.of(i));
            assertThat(client.receive()).isInstanceOf(Reply.Bulk.class);
        }
    }

    @Test
    void tooLargeIsAnErrorAndTheConnectionGoesOn() throws IOException {
        String tooLong = "x".repeat(KvStore.MAX_VALUE_BYTES + 1);
        assertThat(client.call("SET", "k", tooLong)).isEqualTo(Reply.failure(KvStore.TOO_LONG));
        String large = "x".repeat(KvStore.MAX_VALUE_BYTES);
        assertThat(client.call("MSET", "a", large, "b", large))
                .isEqualTo(
                        Reply.failure("ERR request exceeds maximum allowed size (2031616 bytes)"));
        assertThat(client.call("SET", "k", large)).isEqualTo(Reply.ok());
        assertThat(client.call("STRLEN", "k")).isEqualTo(Reply.of(large.length()));
        assertThat(client.call("APPEND", "k", "y")).isEqualTo(Reply.failure(KvStore.TOO_LONG));
    }

    @Test
    void takesLinesThatPeopleType() throws IOException {
        client.sendRaw("SET k \"a b\"\r\n\r\nget k\r\n");
        assertThat(client.receive()).isEqualTo(Reply.ok());
        assertThat(client.receive()).isEqualTo(Reply.bulk("a b"));
    }

    @Test
    void bytesThatAreNotTheProtocolEndTheConnection() throws IOException {
        assertBreaks("SET k \"a\r\n", "ERR Protocol error: unbalanced quotes in request");
        assertBreaks("*1\r\n:5\r\n", "ERR Protocol error: expected '$'");
        assertBreaks("*1\r\n$-1\r\n", "ERR Protocol error: invalid bulk length");
        assertBreaks("*2000000\r\n", "ERR Protocol error: invalid multibulk length");
        assertBreaks("$4\r\nPING\r\n", "ERR Protocol error: expected '*'");
        assertBreaks("*1\r\n$x\r\n", null);
        assertBreaks("*1\r\n$1000000000\r\n", null);
    }

    private void assertBreaks(String bytes, String error) throws IOException {
        try (RespClient breaking = server.connect()) {
            breaking.sendRaw("*1\r\n$4\r\nPING\r\n" + bytes + "*1\r\n$4\r\nPING\r\n");
            assertThat(breaking.receive()).isEqualTo(new Reply.Status("PONG"));
            Reply failure = breaking.receive();
            assertThat(((Reply.Failure) failure).text())
                    .startsWith(error == null ? "ERR Protocol error: " : error);
            assertThatThrownBy(breaking::receive).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void quitAnswersAndEndsTheConnection() throws IOException {
        client.send("SET", "k", "v");
        client.send("QUIT");
        client.send("SET", "k", "after");
        assertThat(client.receive()).isEqualTo(Reply.ok());
        assertThat(client.receive()).isEqualTo(Reply.ok());
        assertThatThrownBy(client::receive).isInstanceOf(IOException.class);
        try (RespClient other = server.connect()) {
            assertThat(other.call("GET", "k")).isEqualTo(Reply.bulk("v"));
        }
    }

    @Test
    void everyWayToFailHasItsOwnError() throws IOException {
        assertFails(new OutcomeUnknown("the leader was lost"), "OUTCOMEUNKNOWN ");
        assertFails(new NotDone(NotDone.Reason.NO_LEADER, "no leader for 10 s"), "CLUSTERDOWN ");
        assertFails(new Overloaded("64 MiB wait", Duration.ofMillis(10)), "OVERLOADED ");
        assertFails(new NotDone(NotDone.Reason.REFUSED, "the leader is leaving"), "TRYAGAIN ");
        assertFails(new NotDone(NotDone.Reason.TOO_LARGE, "above 2 MiB"), "ERR ");
        assertFails(new IllegalStateException("a bug"), "OUTCOMEUNKNOWN internal error");
        assertThat(client.call("SET", "k", "v")).isEqualTo(Reply.ok());
    }

    private void assertFails(RuntimeException failure, String begin) throws IOException {
        server.group.failNext(failure);
        client.send("PING");
        client.send("SET", "k", "v");
        assertThat(client.receive()).isEqualTo(new Reply.Status("PONG"));
        assertThat(((Reply.Failure) client.receive()).text()).startsWith(begin);
    }

    @Test
    void readsNoMoreFromAClientWhoseRequestsWait() throws Exception {
        server.group.hold();
        Thread writer;
        try (Socket flood = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            flood.setSoTimeout(2000);
            byte[] request =
                    ("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$10000\r\n" + "x".repeat(10_000) + "\r\n")
                            .getBytes(StandardCharsets.US_ASCII);
            writer = new Thread(() -> write(flood, request));
            writer.start();
            // Nothing is answered, so nothing may be taken for ever; what the kernel holds is some
            // megabytes.
            assertThatThrownBy(() -> flood.getInputStream().read())
                    .isInstanceOf(SocketTimeoutException.class);
            assertThat(writer.isAlive()).as("64 MB were taken").isTrue();
        }
        writer.join();
    }

    private static void write(Socket flood, byte[] request) {
        try {
            for (int i = 0; i < 6400; i++) {
                flood.getOutputStream().write(request);
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    @Test
    void saysThatThePortIsInUse() {
        InetSocketAddress taken =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
        assertThatThrownBy(() -> KvServer.start(server.group, server.store, server.clock, taken))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the port is in use");
    }
}
