package dev.lockstep.raft.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.EntryCopy;
import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.message.Heartbeat;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.ProposalReply;
import dev.lockstep.raft.message.SnapshotChunk;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LaneTest {
    private static final Entry ENTRY = new Entry(1, 1, EntryKind.COMMAND, 0, Payload.EMPTY);

    private static final List<Message> LARGE =
            List.of(
                    new AppendEntries(1, LogPosition.ZERO, List.of(ENTRY), 0),
                    new ForwardProposal(1, 1, Payload.EMPTY),
                    new ProposalReply(1, 1, ProposalReply.Outcome.DONE, 1, Payload.EMPTY),
                    new EntryCopy(ENTRY),
                    SnapshotChunk.NONE);

    @Test
    void nothingThatCarriesACommandOrAnAnswerIsControl() {
        assertThat(LARGE.stream().map(Lane::of))
                .containsExactly(Lane.LOG, Lane.LOG, Lane.LOG, Lane.LOG, Lane.SNAPSHOT);
        Set<Class<?>> carriers = new HashSet<>();
        for (Class<?> kind : Message.class.getPermittedSubclasses()) {
            boolean carries =
                    Arrays.stream(kind.getRecordComponents())
                            .map(RecordComponent::getGenericType)
                            .map(Object::toString)
                            .anyMatch(type -> type.contains("Payload") || type.contains("Entry"));
            if (carries) {
                carriers.add(kind);
            }
        }
        Set<Class<?>> known = new HashSet<>();
        LARGE.forEach(message -> known.add(message.getClass()));
        assertThat(carriers).isEqualTo(known);
    }

    @Test
    void heartbeatsAndAcknowledgementsAreControl() {
        assertThat(Lane.of(new Heartbeat(1, 0, 0))).isEqualTo(Lane.CONTROL);
        assertThat(Lane.of(new AppendAccepted(1, 0))).isEqualTo(Lane.CONTROL);
    }
}
