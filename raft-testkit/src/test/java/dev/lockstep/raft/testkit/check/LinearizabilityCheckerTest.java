package dev.lockstep.raft.testkit.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.testkit.check.RegisterModel.Answer;
import dev.lockstep.raft.testkit.check.RegisterModel.Call;
import dev.lockstep.raft.testkit.check.RegisterModel.CompareAndSet;
import dev.lockstep.raft.testkit.check.RegisterModel.Get;
import dev.lockstep.raft.testkit.check.RegisterModel.Set;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinearizabilityCheckerTest {
    private final History<Call, Answer> history = new History<>();

    @Test
    void anEmptyHistoryIsFine() {
        accept();
    }

    @Test
    void aReadSeesTheWriteBeforeIt() {
        set(1, "x", 5);
        get(2, "x", 5);
        accept();
    }

    @Test
    void aStaleReadIsFound() {
        set(1, "x", 5);
        get(2, "x", 0);
        reject("get", "0");
    }

    @Test
    void aReadDuringAWriteMaySeeEither() {
        History.Pending<Call, Answer> write = history.invoke(1, new Set("x", 5), 0);
        get(2, "x", 0);
        get(2, "x", 5);
        write.ok(new Answer(0, true), 0);
        accept();
    }

    @Test
    void readsNeverGoBack() {
        History.Pending<Call, Answer> write = history.invoke(1, new Set("x", 5), 0);
        get(2, "x", 5);
        get(3, "x", 0);
        write.ok(new Answer(0, true), 0);
        reject("get", "0");
    }

    @Test
    void aLostWriteIsFound() {
        set(1, "x", 5);
        set(1, "x", 6);
        get(2, "x", 5);
        reject("get", "5");
    }

    @Test
    void concurrentWritesMayComeInAnyOrder() {
        History.Pending<Call, Answer> one = history.invoke(1, new Set("x", 1), 0);
        History.Pending<Call, Answer> two = history.invoke(2, new Set("x", 2), 0);
        two.ok(new Answer(0, true), 0);
        one.ok(new Answer(0, true), 0);
        get(3, "x", 2);
        accept();
    }

    @Test
    void keysAreIndependentAndEachIsChecked() {
        set(1, "x", 5);
        get(2, "y", 0);
        accept();
        get(2, "y", 5);
        reject("object y", "");
    }

    @Test
    void anUnknownWriteMayAppearMuchLater() {
        history.invoke(1, new Set("x", 5), 0).unknown(0);
        get(2, "x", 0);
        set(2, "x", 6);
        get(2, "x", 6);
        get(2, "x", 5);
        accept();
    }

    @Test
    void anUnknownWriteMayNeverAppear() {
        history.invoke(1, new Set("x", 5), 0).unknown(0);
        get(2, "x", 0);
        accept();
    }

    @Test
    void anUnknownWriteCannotAppearAndDisappear() {
        set(1, "x", 6);
        history.invoke(1, new Set("x", 5), 0).unknown(0);
        get(2, "x", 5);
        get(2, "x", 6);
        reject("get", "6");
    }

    @Test
    void anUnknownWriteCannotTakeEffectBeforeItsInvocation() {
        get(2, "x", 5);
        history.invoke(1, new Set("x", 5), 0).unknown(0);
        reject("get", "5");
    }

    @Test
    void anUnknownWriteTakesEffectOnceAtMost() {
        history.invoke(1, new Set("x", 5), 0).unknown(0);
        get(2, "x", 5);
        set(2, "x", 6);
        get(2, "x", 5);
        reject("get", "5");
    }

    @Test
    void aFailedWriteMustNotAppear() {
        history.invoke(1, new Set("x", 5), 0).failed(0);
        get(2, "x", 5);
        reject("get", "5");
    }

    @Test
    void anOperationWithoutAnEndCountsAsUnknown() {
        history.invoke(1, new Set("x", 5), 0);
        get(2, "x", 5);
        accept();
    }

    @Test
    void compareAndSetAnswersWhatItSaw() {
        swap(1, 0, 1, new Answer(0, true));
        swap(2, 0, 2, new Answer(1, false));
        swap(2, 1, 3, new Answer(1, true));
        get(1, "x", 3);
        accept();
    }

    @Test
    void twoCompareAndSetsCannotBothWin() {
        History.Pending<Call, Answer> one = history.invoke(1, new CompareAndSet("x", 0, 1), 0);
        History.Pending<Call, Answer> two = history.invoke(2, new CompareAndSet("x", 0, 2), 0);
        one.ok(new Answer(0, true), 0);
        two.ok(new Answer(0, true), 0);
        reject("CompareAndSet", "");
    }

    @Test
    void aDoubleApplyIsFoundByACounter() {
        History<Long, Long> counter = new History<>();
        counter.invoke(1, 1L, 0).ok(1L, 0);
        counter.invoke(1, 1L, 0).ok(3L, 0);
        assertThat(
                        new LinearizabilityChecker<>(new CounterModel())
                                .check(counter.operations())
                                .kind())
                .isEqualTo(Verdict.Kind.VIOLATED);
    }

    @Test
    void aCounterAddsUnknownsUpWhenTheyAreNeeded() {
        History<Long, Long> counter = new History<>();
        for (long i = 0; i < 6; i++) {
            counter.invoke((int) i, 1L << i, 0).unknown(0);
        }
        counter.invoke(9, 0L, 0).ok(0b101101L, 0);
        assertThat(
                        new LinearizabilityChecker<>(new CounterModel())
                                .check(counter.operations())
                                .isLinearizable())
                .isTrue();
        counter.invoke(9, 0L, 0).ok(0b101001L, 0);
        assertThat(
                        new LinearizabilityChecker<>(new CounterModel())
                                .check(counter.operations())
                                .isLinearizable())
                .isFalse();
    }

    @Test
    void aListShowsLostAndReorderedAppends() {
        History<AppendListModel.Call, List<Long>> list = new History<>();
        list.invoke(1, new AppendListModel.Call(1L), 0).ok(List.of(1L), 0);
        list.invoke(1, new AppendListModel.Call(2L), 0).ok(List.of(1L, 2L), 0);
        LinearizabilityChecker<List<Long>, AppendListModel.Call, List<Long>> checker =
                new LinearizabilityChecker<>(new AppendListModel());
        assertThat(checker.check(list.operations()).isLinearizable()).isTrue();
        list.invoke(2, new AppendListModel.Call(null), 0).ok(List.of(2L, 1L), 0);
        assertThat(checker.check(list.operations()).isLinearizable()).isFalse();
    }

    @Test
    void aSearchThatIsTooLongIsGivenUpNotDecided() {
        for (int i = 0; i < 30; i++) {
            history.invoke(i, new Set("x", i), 0).unknown(0);
        }
        get(99, "x", 77);
        Verdict verdict =
                new LinearizabilityChecker<>(new RegisterModel(), 20).check(history.operations());
        assertThat(verdict.kind()).isEqualTo(Verdict.Kind.UNDECIDED);
    }

    private void set(int client, String key, long value) {
        history.invoke(client, new Set(key, value), 0).ok(new Answer(0, true), 0);
    }

    private void get(int client, String key, long value) {
        history.invoke(client, new Get(key), 0).ok(new Answer(value, true), 0);
    }

    private void swap(int client, long expected, long value, Answer answer) {
        history.invoke(client, new CompareAndSet("x", expected, value), 0).ok(answer, 0);
    }

    private void accept() {
        Verdict verdict =
                new LinearizabilityChecker<>(new RegisterModel()).check(history.operations());
        assertThat(verdict.explanation()).isEmpty();
        assertThat(verdict.isLinearizable()).isTrue();
        assertThat(new Permutations<>(new RegisterModel(), keyX()).anyExplains()).isTrue();
    }

    private void reject(String operation, String answer) {
        Verdict verdict =
                new LinearizabilityChecker<>(new RegisterModel()).check(history.operations());
        assertThat(verdict.kind()).isEqualTo(Verdict.Kind.VIOLATED);
        assertThat(verdict.explanation()).containsIgnoringCase(operation).contains(answer);
    }

    private List<Operation<Call, Answer>> keyX() {
        return history.operations().stream().filter(op -> op.input().key().equals("x")).toList();
    }
}
