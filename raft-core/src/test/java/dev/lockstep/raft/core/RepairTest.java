package dev.lockstep.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.message.AppendAccepted;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.message.EntryCopy;
import dev.lockstep.raft.message.FetchEntry;
import dev.lockstep.raft.message.FetchSnapshot;
import dev.lockstep.raft.message.InstallSnapshot;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.RequestPreVote;
import dev.lockstep.raft.message.RequestVote;
import dev.lockstep.raft.message.Resignation;
import dev.lockstep.raft.message.TimeoutNow;
import dev.lockstep.raft.message.VoteReply;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.Founding;
import dev.lockstep.raft.model.HardState;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Membership;
import dev.lockstep.raft.model.MembershipFormat;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.RecoveredReplica;
import dev.lockstep.raft.model.ReplicaId;
import dev.lockstep.raft.model.Role;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A log with entries whose positions are known and whose bytes are damaged (FAST'18). */
class RepairTest {
    private static final Fault DAMAGE = new Fault(Fault.Code.LOG_CORRUPT, "a file, an offset");
    private static final long TERM = 3;

    /** N1 with the log 1:1 to 1:3, 2:4 to 2:6, of which 2 and 5 are damaged. */
    private final Driven driven =
            new Driven(
                    RaftOptions.defaults(),
                    new RecoveredReplica(
                            Driven.N1,
                            new Founding(
                                    new UUID(9, 9),
                                    Membership.ofVoters(List.of(Driven.N1, Driven.N2, Driven.N3)),
                                    true),
                            new HardState(TERM, null),
                            null,
                            LogPosition.ZERO,
                            List.of(at(1, 1), at(2, 4)),
                            6,
                            0,
                            List.of(),
                            List.of(at(1, 2), at(2, 5)),
                            DAMAGE,
                            null),
                    List.of(Driven.N1.node(), Driven.N2.node(), Driven.N3.node()));

    private static LogPosition at(long term, long index) {
        return new LogPosition(term, index);
    }

    private static Entry entry(long term, long index) {
        return new Entry(term, index, EntryKind.COMMAND, index, Payload.of("e" + index));
    }

    private List<Effect> receive(ReplicaId from, Message message) {
        driven.receive(from, message);
        return driven.drain();
    }

    private List<Effect> append(long term, LogPosition previous, long commit, Entry... entries) {
        return receive(Driven.N2, new AppendEntries(term, previous, List.of(entries), commit));
    }

    private static long acknowledged(List<Effect> effects) {
        List<AppendAccepted> answers = Driven.sent(AppendAccepted.class, Driven.N2, effects);
        return answers.get(answers.size() - 1).match();
    }

    @Test
    void itIsToldAndDoesNotCampaign() {
        for (int i = 0; i < 20; i++) {
            driven.wake();
            driven.drain();
        }
        assertThat(driven.core.role()).isEqualTo(Role.FOLLOWER);
        receive(Driven.N2, new TimeoutNow(TERM));
        assertThat(driven.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(driven.core.term()).isEqualTo(TERM);
        assertThat(Driven.sent(RequestPreVote.class, Driven.N2, driven.effects)).isEmpty();
        assertThat(Driven.sent(RequestVote.class, Driven.N2, driven.effects)).isEmpty();
        assertThat(Driven.only(Effect.Warned.class, driven.effects))
                .containsExactly(new Effect.Warned(DAMAGE));
    }

    @Test
    void itVotesByThePositionsThatItKnows() {
        List<Effect> shorter = receive(Driven.N2, new RequestVote(TERM + 1, at(2, 5), false));
        assertThat(Driven.sent(VoteReply.class, Driven.N2, shorter))
                .containsExactly(new VoteReply(TERM + 1, false));
        List<Effect> asLong = receive(Driven.N3, new RequestVote(TERM + 1, at(2, 6), false));
        assertThat(Driven.sent(VoteReply.class, Driven.N3, asLong))
                .containsExactly(new VoteReply(TERM + 1, true));
    }

    @Test
    void itAcknowledgesCommitsAndAppliesOnlyWhatIsBeforeTheDamage() {
        List<Effect> effects = append(TERM, at(2, 6), 6, entry(TERM, 7));
        assertThat(acknowledged(effects)).isEqualTo(1);
        assertThat(driven.core.last()).isEqualTo(at(TERM, 7));
        assertThat(driven.core.commitIndex()).isEqualTo(1);
        assertThat(Driven.only(Effect.Load.class, effects))
                .extracting(Effect.Load::from)
                .containsExactly(1L);
        driven.step(new Event.Loaded(1, List.of(entry(1, 1))));
        assertThat(Driven.only(Effect.Apply.class, driven.drain()))
                .containsExactly(new Effect.Apply(List.of(entry(1, 1))));
        driven.step(new Event.Applied(1));
        assertThat(Driven.only(Effect.Load.class, driven.drain())).isEmpty();
    }

    @Test
    void itAsksOneAfterTheOtherForCopiesAndGoesOnOnceTheyAreDurable() {
        append(TERM, at(2, 6), 6);
        driven.pass(RaftOptions.defaults().heartbeatInterval().toNanos());
        driven.wake();
        driven.drain();
        driven.wake();
        driven.drain();
        assertThat(Driven.sent(FetchEntry.class, Driven.N2.node(), driven.effects))
                .contains(new FetchEntry(at(1, 2)), new FetchEntry(at(2, 5)));
        assertThat(Driven.sent(FetchEntry.class, Driven.N3.node(), driven.effects))
                .contains(new FetchEntry(at(1, 2)), new FetchEntry(at(2, 5)));

        driven.receive(Driven.N3, new EntryCopy(entry(1, 2)));
        Effect.Persist persist =
                Driven.only(Effect.Persist.class, driven.drainWithoutDisk()).get(0);
        assertThat(persist.copies()).containsExactly(entry(1, 2));
        append(TERM, at(2, 6), 6);
        assertThat(driven.core.commitIndex()).as("not durable yet").isEqualTo(1);

        driven.step(new Event.Persisted(persist.token()));
        assertThat(acknowledged(driven.drain())).isEqualTo(4);
        append(TERM, at(2, 6), 6);
        assertThat(driven.core.commitIndex()).isEqualTo(4);
        assertThat(acknowledged(receive(Driven.N2, new EntryCopy(entry(2, 5))))).isEqualTo(6);
        append(TERM, at(2, 6), 6);
        assertThat(driven.core.commitIndex()).isEqualTo(6);
        driven.drain();
        assertThat(Driven.only(Effect.Warned.class, driven.effects))
                .containsExactly(new Effect.Warned(DAMAGE), new Effect.Warned(null));
    }

    @Test
    void aCopyOfAnotherTermIsNotTaken() {
        receive(Driven.N2, new EntryCopy(entry(2, 2)));
        receive(Driven.N2, new EntryCopy(entry(1, 3))); // not damaged
        assertThat(Driven.only(Effect.Persist.class, driven.effects)).isEmpty();
    }

    @Test
    void aConfigurationThatWasDamagedIsInForceAgain() {
        ReplicaId added = new ReplicaId(Driven.N3.node(), new UUID(4, 4));
        Membership next = Membership.ofVoters(List.of(Driven.N1, Driven.N2, added));
        receive(
                Driven.N2,
                new EntryCopy(
                        new Entry(
                                2, 5, EntryKind.CONFIGURATION, 9, MembershipFormat.encode(next))));
        List<Effect.ConfigurationChanged> told =
                Driven.only(Effect.ConfigurationChanged.class, driven.effects);
        assertThat(told.get(told.size() - 1))
                .isEqualTo(new Effect.ConfigurationChanged(5, next, false));
    }

    @Test
    void onlyALeaderOfALaterTermRemovesWhatIsDamaged() {
        append(TERM, at(1, 1), 1, entry(1, 2), entry(TERM, 3));
        assertThat(driven.core.last()).isEqualTo(at(TERM, 3));
        List<Effect> effects = receive(Driven.N2, new EntryCopy(entry(1, 2)));
        assertThat(acknowledged(effects)).as("the other one has left the log").isEqualTo(3);
        driven.drain();
        assertThat(Driven.only(Effect.Warned.class, driven.effects))
                .containsExactly(new Effect.Warned(DAMAGE), new Effect.Warned(null));
    }

    @Test
    void aSnapshotStandsForWhatNobodyHasInItsLogAnyMore() {
        List<Effect> effects =
                receive(Driven.N2, new InstallSnapshot(TERM, at(2, 4), 4, Driven.N2));
        assertThat(Driven.sent(FetchSnapshot.class, Driven.N2, effects)).hasSize(1);
        assertThat(Driven.sent(AppendAccepted.class, Driven.N2, effects)).isEmpty();
    }

    @Test
    void itGivesCopiesOfWhatItCanRead() {
        List<Effect> asked = receive(Driven.N3, new FetchEntry(at(2, 4)));
        assertThat(Driven.only(Effect.Load.class, asked)).containsExactly(new Effect.Load(4, 1));
        driven.step(new Event.Loaded(4, List.of(entry(2, 4))));
        assertThat(Driven.sent(EntryCopy.class, Driven.N3, driven.drain()))
                .containsExactly(new EntryCopy(entry(2, 4)));
        for (LogPosition unknown : List.of(at(2, 5), at(1, 4), at(3, 7))) {
            assertThat(Driven.only(Effect.Load.class, receive(Driven.N3, new FetchEntry(unknown))))
                    .as("%s", unknown)
                    .isEmpty();
        }
    }

    @Test
    void aReadThatFailedForOnceOnlyIsTriedAgain() {
        Driven follower = new Driven(RaftOptions.defaults(), 1, List.of(at(1, 1)), 5);
        follower.receive(Driven.N2, new AppendEntries(1, at(1, 5), List.of(), 5));
        follower.drain();
        follower.step(new Event.Damaged(at(1, 1), DAMAGE));
        follower.effects.clear();
        for (int i = 0; i < 20; i++) {
            follower.pass(RaftOptions.defaults().heartbeatInterval().toNanos());
            follower.wake();
            follower.drain();
        }
        assertThat(Driven.only(Effect.Load.class, follower.effects))
                .contains(new Effect.Load(1, 1));
        follower.step(new Event.Loaded(1, List.of(entry(1, 1))));
        assertThat(Driven.only(Effect.Warned.class, follower.drain()))
                .containsExactly(new Effect.Warned(null));
    }

    @Test
    void aLeaderThatFindsDamageStepsDownAndSaysSo() {
        Driven leader = new Driven(RaftOptions.defaults(), 1, List.of(at(1, 1)), 5);
        leader.lead();
        leader.drain();
        leader.step(new Event.Damaged(at(1, 3), DAMAGE));
        assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
        List<Effect> effects = leader.drain();
        assertThat(Driven.sent(Resignation.class, Driven.N2, effects)).hasSize(1);
        assertThat(Driven.only(Effect.Warned.class, effects))
                .containsExactly(new Effect.Warned(DAMAGE));
        for (int i = 0; i < 10; i++) {
            leader.wake();
            leader.drain();
        }
        assertThat(leader.core.role()).isEqualTo(Role.FOLLOWER);
        leader.receive(
                Driven.N2, new EntryCopy(new Entry(1, 3, EntryKind.COMMAND, 3, Payload.of("e3"))));
        leader.drain();
        for (int i = 0; i < 10 && leader.core.role() == Role.FOLLOWER; i++) {
            leader.wake();
            leader.drain();
        }
        assertThat(leader.core.role()).isNotEqualTo(Role.FOLLOWER);
    }
}
