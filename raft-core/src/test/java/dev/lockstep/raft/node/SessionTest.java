package dev.lockstep.raft.node;

import static dev.lockstep.raft.node.ThreeHosts.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.raft.message.ForwardProposal;
import dev.lockstep.raft.message.Message;
import dev.lockstep.raft.message.ProposalReply;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.PeerAddress;
import dev.lockstep.raft.model.RaftOptions;
import dev.lockstep.raft.model.SessionCommand;
import dev.lockstep.raft.model.SessionId;
import dev.lockstep.raft.spi.Envelope;
import dev.lockstep.raft.spi.EventLoop;
import dev.lockstep.raft.spi.HostIdentity;
import dev.lockstep.raft.spi.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions through the public API, on real threads: commands take effect once (§6.3). */
@Timeout(120)
class SessionTest {
    private static final RaftOptions OPTIONS =
            RaftOptions.defaults()
                    .with()
                    .electionTimeout(Duration.ofMillis(600))
                    .proposalTimeout(Duration.ofSeconds(20))
                    .build();

    private final ThreeHosts cluster = new ThreeHosts(OPTIONS).through(this::repeating);

    /** How often a message arrives. */
    private volatile ToIntFunction<Message> copies = message -> 1;

    private void startAll(RaftOptions options) throws IOException {
        cluster.options(options).startAll(SumMachine::new);
    }

    @AfterEach
    void stopAll() throws IOException {
        cluster.close();
    }

    private Transport repeating(Transport carrier) {
        return new Transport() {
            @Override
            public void start(HostIdentity identity, List<PeerAddress> peers, Receiver receiver)
                    throws IOException {
                carrier.start(identity, peers, receiver);
            }

            @Override
            public @Nullable EventLoop loop() {
                return carrier.loop();
            }

            @Override
            public boolean send(NodeId to, Envelope envelope) {
                boolean sent = true;
                for (int left = copies.applyAsInt(envelope.message()); left > 0; left--) {
                    sent &= carrier.send(to, envelope);
                }
                return sent;
            }

            @Override
            public void flush() {
                carrier.flush();
            }

            @Override
            public void close() {
                carrier.close();
            }
        };
    }

    private static Throwable failure(CompletableFuture<?> future) throws Exception {
        try {
            throw new AssertionError("it ended as " + get(future));
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    private static NotDone.Reason reason(CompletableFuture<?> future) throws Exception {
        Throwable why = failure(future);
        assertThat(why).isInstanceOf(NotDone.class);
        return ((NotDone) why).reason();
    }

    private long sum() throws Exception {
        return cluster.sumOn(cluster.leader());
    }

    @Test
    void aLostAnswerIsAskedForAgainAndTheCommandTakesEffectOnce() throws Exception {
        startAll(OPTIONS);
        RaftSession session = get(cluster.on(cluster.follower()).openSession());
        AtomicInteger lost = new AtomicInteger(2);
        copies = message -> message instanceof ProposalReply && lost.getAndDecrement() > 0 ? 0 : 1;
        assertThat(get(session.propose(Payload.of(5))).asLong()).isEqualTo(5);
        assertThat(lost.get()).as("answers that were lost").isLessThan(1);
        assertThat(sum()).isEqualTo(5);
    }

    @Test
    void aForwardThatArrivesTwiceTakesEffectOnce() throws Exception {
        startAll(OPTIONS);
        RaftSession session = get(cluster.on(cluster.follower()).openSession());
        copies = message -> message instanceof ForwardProposal ? 2 : 1;
        for (int i = 1; i <= 20; i++) {
            assertThat(get(session.propose(Payload.of(1))).asLong()).isEqualTo(i);
        }
        assertThat(sum()).isEqualTo(20);
    }

    @Test
    void commandsThatAreUnderWayWhenTheLeaderIsCutOffTakeEffectOnce() throws Exception {
        startAll(OPTIONS);
        List<RaftSession> sessions = new ArrayList<>();
        for (RaftGroup group : cluster.groups()) {
            sessions.add(get(group.openSession()));
        }
        NodeId leader = NodeId.of(cluster.leader());
        List<CompletableFuture<Payload>> answers = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            if (i == 100) {
                cluster.network.cut(leader);
            }
            answers.add(sessions.get(i % 3).propose(Payload.of(1)));
        }
        RaftGroup other = cluster.on(leader.value().equals("n1") ? "n2" : "n1");
        await().atMost(Duration.ofSeconds(60))
                .until(
                        () -> {
                            NodeId next = other.status().leader();
                            return next != null && !next.equals(leader);
                        });
        cluster.network.join(leader);
        for (CompletableFuture<Payload> answer : answers) {
            get(answer);
        }
        assertThat(answers.stream().map(answer -> answer.join().asLong()).distinct().count())
                .as("different answers: each ran once")
                .isEqualTo(300);
        assertThat(sum()).isEqualTo(300);
    }

    @Test
    void aCommandThatIsRetriedOnAnotherHostAfterARestartOfAllHasItsFirstAnswer() throws Exception {
        startAll(OPTIONS);
        SessionId session = get(cluster.on("n1").openSession()).id();
        SessionCommand command = new SessionCommand(session, 1, 1, Payload.of(5));
        assertThat(get(cluster.on("n1").proposeOnce(command)).asLong()).isEqualTo(5);
        SessionCommand later = new SessionCommand(session, 2, 1, Payload.of(7));
        assertThat(get(cluster.on("n2").proposeOnce(later)).asLong()).isEqualTo(12);
        cluster.close();
        startAll(OPTIONS);
        assertThat(get(cluster.on("n3").proposeOnce(command)).asLong()).isEqualTo(5);
        assertThat(sum()).isEqualTo(12);
    }

    @Test
    void whatTheClientNeedsNoMoreIsForgottenAndNeverRunsAgain() throws Exception {
        startAll(OPTIONS);
        RaftGroup group = cluster.on("n1");
        SessionId session = get(group.openSession()).id();
        SessionCommand first = new SessionCommand(session, 1, 1, Payload.of(5));
        get(group.proposeOnce(first));
        get(group.proposeOnce(new SessionCommand(session, 2, 2, Payload.of(7))));
        assertThat(failure(group.proposeOnce(first)))
                .isInstanceOf(OutcomeUnknown.class)
                .hasMessageContaining("did not run now");
        assertThat(sum()).isEqualTo(12);
    }

    @Test
    void aSessionWhoseHostIsGoneExpiresByTheLogAndNothingRunsInIt() throws Exception {
        startAll(OPTIONS.with().sessionTimeout(Duration.ofSeconds(2)).build());
        String gone = cluster.follower();
        RaftSession session = get(cluster.on(gone).openSession());
        assertThat(get(session.propose(Payload.of(5))).asLong()).isEqualTo(5);
        cluster.stop(gone);
        RaftGroup group = cluster.on(cluster.leader());
        long before = group.status().lastIndex();
        // An entry in each quarter of the timeout, the last of which ends the session.
        await().atMost(Duration.ofSeconds(60)).until(() -> group.status().commit() >= before + 4);
        SessionCommand again = new SessionCommand(session.id(), 1, 1, Payload.of(5));
        assertThat(failure(group.proposeOnce(again)))
                .isInstanceOf(NotDone.class)
                .hasMessageContaining("earlier call with the same sequence may have");
        assertThat(reason(group.proposeOnce(again))).isEqualTo(NotDone.Reason.SESSION_EXPIRED);
        assertThat(sum()).isEqualTo(5);
    }

    @Test
    void anIdleSessionIsKeptAlive() throws Exception {
        startAll(OPTIONS.with().sessionTimeout(Duration.ofSeconds(2)).build());
        RaftSession session = get(cluster.on("n1").openSession());
        RaftGroup group = cluster.on(cluster.leader());
        long before = group.status().lastIndex();
        // At least four within each timeout, and nothing else.
        await().atMost(Duration.ofSeconds(60)).until(() -> group.status().commit() >= before + 9);
        assertThat(get(session.propose(Payload.of(5))).asLong()).isEqualTo(5);
    }

    @Test
    void aClosedSessionTakesNothingAndMakesRoom() throws Exception {
        startAll(OPTIONS.with().maxSessions(1).build());
        RaftGroup group = cluster.on("n1");
        RaftSession session = get(group.openSession());
        assertThat(reason(group.openSession())).isEqualTo(NotDone.Reason.TOO_MANY_SESSIONS);
        CompletableFuture<Payload> underWay = session.propose(Payload.of(5));
        session.close();
        assertThat(get(underWay).asLong()).isEqualTo(5);
        assertThat(reason(session.propose(Payload.of(5)))).isEqualTo(NotDone.Reason.CLOSED);
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> get(group.openSession()) != null);
        SessionCommand late = new SessionCommand(session.id(), 2, 2, Payload.of(5));
        assertThat(reason(group.proposeOnce(late))).isEqualTo(NotDone.Reason.SESSION_EXPIRED);
    }

    @Test
    void aSessionThatWaitsForAnOldAnswerRefusesAtItsBound() throws Exception {
        startAll(
                OPTIONS.with().maxSessionAnswers(2).proposalTimeout(Duration.ofSeconds(3)).build());
        RaftSession session = get(cluster.on("n1").openSession());
        cluster.cut("n1");
        CompletableFuture<Payload> first = session.propose(Payload.of(5));
        CompletableFuture<Payload> second = session.propose(Payload.of(7));
        assertThat(reason(session.propose(Payload.of(9)))).isEqualTo(NotDone.Reason.SESSION_FULL);
        assertThatThrownBy(() -> get(first)).hasCauseInstanceOf(OutcomeUnknown.class);
        assertThatThrownBy(() -> get(second)).hasCauseInstanceOf(OutcomeUnknown.class);
        cluster.join("n1");
        assertThat(get(session.propose(Payload.of(1)))).isNotNull();
    }

    @Test
    void aCommandBeyondTheLimitIsRefusedAndTheSessionGoesOn() throws Exception {
        startAll(OPTIONS.with().maxPayloadBytes(8).build());
        RaftSession session = get(cluster.on("n1").openSession());
        assertThat(reason(session.propose(Payload.of("nine bytes"))))
                .isEqualTo(NotDone.Reason.TOO_LARGE);
        assertThat(get(session.propose(Payload.of(5))).asLong()).isEqualTo(5);
    }
}
