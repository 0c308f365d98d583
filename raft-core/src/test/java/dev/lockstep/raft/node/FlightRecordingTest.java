package dev.lockstep.raft.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.spi.Command;
import dev.lockstep.raft.spi.RaftListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a host writes into a flight recording. */
@Timeout(60)
class FlightRecordingTest {
    private static final List<String> NAMES =
            List.of("Election", "Leadership", "LogSync", "Snapshot", "LoopStall");

    @TempDir private Path directory;
    private final CountDownLatch stalled = new CountDownLatch(1);

    private List<RecordedEvent> record(boolean enabled) throws Exception {
        try (Recording recording = new Recording()) {
            for (String name : NAMES) {
                if (enabled) {
                    recording.enable("dev.lockstep." + name).withThreshold(Duration.ZERO);
                }
            }
            recording.start();
            work();
            recording.stop();
            Path file = directory.resolve("of.jfr");
            recording.dump(file);
            return RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().startsWith("dev.lockstep."))
                    .toList();
        }
    }

    /** An election, some writes, a snapshot and a state machine that is slow once. */
    private void work() throws Exception {
        RaftOptions options =
                RaftOptions.defaults().with().electionTimeout(Duration.ofSeconds(2)).build();
        try (ThreeHosts three = new ThreeHosts(options)) {
            three.stallingAfter(Duration.ofMillis(100))
                    .heardBy(
                            node ->
                                    new RaftListener() {
                                        @Override
                                        public void loopStalled(
                                                String loop, Duration since, String stack) {
                                            stalled.countDown();
                                        }
                                    })
                    .startAll(Slow::new);
            String leader = three.leader();
            three.add(leader, 1);
            long unused = ThreeHosts.get(three.on(leader).snapshot());
            await().until(() -> three.on(leader).status().snapshot() > 0);
        }
    }

    /** Goes on once its being stuck was told. */
    private final class Slow extends SumMachine {
        @Override
        public Payload apply(Command command) {
            try {
                assertThat(stalled.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return super.apply(command);
        }
    }

    private static List<RecordedEvent> of(String name, List<RecordedEvent> events) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals("dev.lockstep." + name))
                .toList();
    }

    @Test
    void whatIsAskedForIsRecorded() throws Exception {
        List<RecordedEvent> events = record(true);

        assertThat(of("Election", events))
                .isNotEmpty()
                .allMatch(event -> event.getString("group").equals("sum"))
                .allMatch(event -> event.getLong("term") > 0);
        RecordedEvent elected = of("Election", events).get(0);
        assertThat(of("Leadership", events))
                .anyMatch(
                        event ->
                                event.getString("leader").equals(event.getString("node"))
                                        && event.getLong("term") >= elected.getLong("term"))
                .anyMatch(event -> !event.getString("leader").equals(event.getString("node")));
        assertThat(of("LogSync", events))
                .isNotEmpty()
                .allMatch(event -> event.getDuration().toNanos() >= 0)
                .anyMatch(event -> event.getInt("writes") > 0);
        assertThat(of("Snapshot", events))
                .anyMatch(
                        event ->
                                event.getString("outcome").equals("taken")
                                        && event.getLong("index") >= 2);
        assertThat(of("LoopStall", events))
                .anyMatch(
                        event ->
                                event.getString("loop").equals("apply-0")
                                        && event.getString("stack").contains("Slow.apply"));
    }

    @Test
    void whatIsNotAskedForIsNot() throws Exception {
        assertThat(record(false)).isEmpty();
    }
}
