package dev.lockstep.raft.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.applied.SessionAnswer;
import dev.lockstep.raft.applied.SessionAnswer.Outcome;
import dev.lockstep.raft.model.GroupId;
import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SessionExpired;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client is told says whether its command took effect, no more and no less. */
class SessionCompletionTest {
    private final List<Object> ends = new ArrayList<>();

    private final SessionCompletion completion =
            new SessionCompletion(
                    new Completion() {
                        @Override
                        public void done(long index, Payload result) {
                            ends.add(index + " " + result.asString());
                        }

                        @Override
                        public void notDone(NotDone why) {
                            ends.add(why);
                        }

                        @Override
                        public void unknown(OutcomeUnknown why) {
                            ends.add(why);
                        }
                    },
                    GroupId.of("g"));

    private Object end(Outcome outcome) {
        completion.done(7, new SessionAnswer(outcome, Payload.of("x")).encode());
        assertThat(ends).hasSize(1);
        return ends.get(0);
    }

    private NotDone.Reason reason(Outcome outcome) {
        return ((NotDone) end(outcome)).reason();
    }

    @Test
    void anAnswerIsTheStateMachines() {
        assertThat(end(Outcome.DONE)).isEqualTo("7 x");
    }

    @Test
    void theOnlyTryInAnExpiredSessionSurelyDidNothing() {
        assertThat(reason(Outcome.EXPIRED)).isEqualTo(NotDone.Reason.SESSION_EXPIRED);
    }

    @Test
    void aRepeatedTryInAnExpiredSessionMayHaveRunEarlier() {
        completion.repeated();
        assertThat(end(Outcome.EXPIRED)).isInstanceOf(SessionExpired.class);
        assertThat((SessionExpired) ends.get(0))
                .hasMessageContaining("did not run now, but an earlier try of it may have");
    }

    @Test
    void theOnlyTryInAFullSessionSurelyDidNothing() {
        assertThat(reason(Outcome.FULL)).isEqualTo(NotDone.Reason.SESSION_FULL);
    }

    @ParameterizedTest
    @EnumSource(names = {"FULL", "MALFORMED"})
    void aRepeatedTryThatIsRefusedMayHaveRunEarlier(Outcome outcome) {
        completion.repeated();
        assertThat(end(outcome)).isInstanceOf(OutcomeUnknown.class);
    }

    @Test
    void aForgottenSequenceMayHaveRun() {
        assertThat(end(Outcome.FORGOTTEN)).isInstanceOf(OutcomeUnknown.class);
    }

    @Test
    void noSessionWasOpenedBeyondTheLimit() {
        assertThat(reason(Outcome.TOO_MANY_SESSIONS)).isEqualTo(NotDone.Reason.TOO_MANY_SESSIONS);
    }

    @Test
    void anAnswerOfALaterVersionIsUnknown() {
        completion.done(7, Payload.of("z"));
        assertThat(ends.get(0)).isInstanceOf(OutcomeUnknown.class);
    }
}
