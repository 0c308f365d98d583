package dev.lockstep.raft.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import dev.lockstep.raft.spi.RaftListener;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

class AnnouncerTest {
    private final Logger log = (Logger) LoggerFactory.getLogger(Announcer.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Announcer announcer =
            new Announcer(
                    GroupId.of("g"),
                    new ReplicaId(NodeId.of("n1"), new UUID(1, 1)),
                    new GroupView(),
                    new RaftListener() {});
    private Level before;

    @BeforeEach
    void listen() {
        before = log.getLevel();
        log.setLevel(Level.INFO);
        lines.start();
        log.addAppender(lines);
    }

    @AfterEach
    void stop() {
        log.detachAppender(lines);
        log.setLevel(before);
    }

    @Test
    void whatItSaysHasNodeGroupAndTermInItsContextAndNothingElseHas() {
        announcer.roleChanged(Role.FOLLOWER, 7, null);
        announcer.warned(new Fault(Fault.Code.AMNESIA, "wiped"));
        announcer.runsOnWitness(true);
        announcer.halted(new Fault(Fault.Code.BUG, "bad"), 8);

        assertThat(lines.list)
                .extracting(ILoggingEvent::getMDCPropertyMap)
                .containsExactly(context("7"), context("7"), context("7"), context("8"));
        assertThat(MDC.get("raft.node")).isNull();
        assertThat(MDC.get("raft.group")).isNull();
        assertThat(MDC.get("raft.term")).isNull();
    }

    private static Map<String, String> context(String term) {
        return Map.of("raft.node", "n1", "raft.group", "g", "raft.term", term);
    }
}
