package dev.lockstep.raft.testkit.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.testkit.sim.SeededRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Random histories: small ones against the definition itself, large ones against the clock. */
class CheckerAgreementTest {
    private static final int HISTORIES = 6_000;

    @Test
    void agreesWithTheDefinitionOnRegisters() {
        agree(new RegisterModel(), CheckerAgreementTest::randomRegisterHistory);
    }

    @Test
    void agreesWithTheDefinitionOnCounters() {
        agree(new CounterModel(), CheckerAgreementTest::randomCounterHistory);
    }

    @Test
    void decidesThousandsOfConcurrentOperationsOnOneKeyInSeconds() {
        for (int seed = 0; seed < 3; seed++) {
            List<Operation<RegisterModel.Call, RegisterModel.Answer>> good =
                    realRegisterHistory(new SeededRandom(seed), 6_000, 8, 0.01);
            long begin = System.nanoTime();
            Verdict verdict = new LinearizabilityChecker<>(new RegisterModel()).check(good);
            assertThat(verdict.kind())
                    .as("seed %d: %s", seed, verdict)
                    .isEqualTo(Verdict.Kind.LINEARIZABLE);
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isLessThan(Duration.ofSeconds(20));
        }
    }

    @Test
    void findsOneStaleReadAmongThousandsOfOperations() {
        for (int seed = 0; seed < 3; seed++) {
            SeededRandom random = new SeededRandom(seed);
            List<Operation<RegisterModel.Call, RegisterModel.Answer>> bad =
                    new ArrayList<>(realRegisterHistory(random, 3_000, 8, 0));
            int at = 1_500;
            while (!(bad.get(at).input() instanceof RegisterModel.Get)) {
                at++;
            }
            Operation<RegisterModel.Call, RegisterModel.Answer> read = bad.get(at);
            bad.set(
                    at,
                    new Operation<>(
                            read.client(),
                            read.input(),
                            new RegisterModel.Answer(-1, true),
                            read.outcome(),
                            read.invoked(),
                            read.returned(),
                            0,
                            0));
            Verdict verdict = new LinearizabilityChecker<>(new RegisterModel()).check(bad);
            assertThat(verdict.kind()).isEqualTo(Verdict.Kind.VIOLATED);
        }
    }

    private interface Generator<I, O> {
        List<Operation<I, O>> next(SeededRandom random);
    }

    private static <S, I, O> void agree(Model<S, I, O> model, Generator<I, O> generator) {
        int linearizable = 0;
        for (int seed = 0; seed < HISTORIES; seed++) {
            List<Operation<I, O>> history = generator.next(new SeededRandom(seed));
            boolean expected = new Permutations<>(model, history).anyExplains();
            Verdict verdict = new LinearizabilityChecker<>(model).check(history);
            assertThat(verdict.kind())
                    .as("seed %d: %s", seed, history)
                    .isEqualTo(expected ? Verdict.Kind.LINEARIZABLE : Verdict.Kind.VIOLATED);
            linearizable += expected ? 1 : 0;
        }
        // Otherwise the histories would show one half of the agreement only.
        assertThat(linearizable).isBetween(HISTORIES / 10, HISTORIES * 9 / 10);
    }

    /** Calls and returns at random; answers that are mostly, not always, possible. */
    private static List<Operation<RegisterModel.Call, RegisterModel.Answer>> randomRegisterHistory(
            SeededRandom random) {
        History<RegisterModel.Call, RegisterModel.Answer> history = new History<>();
        List<History.Pending<RegisterModel.Call, RegisterModel.Answer>> open = new ArrayList<>();
        int total = 2 + random.nextInt(6);
        int begun = 0;
        while (begun < total || !open.isEmpty()) {
            if (begun < total && (open.isEmpty() || open.size() < 3 && random.nextBoolean())) {
                long value = random.nextInt(3);
                open.add(
                        history.invoke(
                                begun++,
                                switch (random.nextInt(3)) {
                                    case 0 -> new RegisterModel.Get("x");
                                    case 1 -> new RegisterModel.Set("x", value);
                                    default ->
                                            new RegisterModel.CompareAndSet(
                                                    "x", random.nextInt(3), value);
                                },
                                0));
            } else {
                end(
                        random,
                        open.remove(random.nextInt(open.size())),
                        new RegisterModel.Answer(random.nextInt(3), random.chance(0.7)));
            }
        }
        return history.operations();
    }

    private static List<Operation<Long, Long>> randomCounterHistory(SeededRandom random) {
        History<Long, Long> history = new History<>();
        List<History.Pending<Long, Long>> open = new ArrayList<>();
        int total = 2 + random.nextInt(5);
        int begun = 0;
        while (begun < total || !open.isEmpty()) {
            if (begun < total && (open.isEmpty() || open.size() < 3 && random.nextBoolean())) {
                open.add(history.invoke(begun++, (long) random.nextInt(2), 0));
            } else {
                end(random, open.remove(random.nextInt(open.size())), (long) random.nextInt(4));
            }
        }
        return history.operations();
    }

    private static <I, O> void end(SeededRandom random, History.Pending<I, O> pending, O answer) {
        int how = random.nextInt(8);
        if (how == 0) {
            pending.failed(0);
        } else if (how <= 2) {
            pending.unknown(0);
        } else {
            pending.ok(answer, 0);
        }
    }

    /**
     * What clients of a real register would see: each operation takes effect somewhere between call
     * and return.
     */
    private static List<Operation<RegisterModel.Call, RegisterModel.Answer>> realRegisterHistory(
            SeededRandom random, int total, int clients, double unknown) {
        History<RegisterModel.Call, RegisterModel.Answer> history = new History<>();
        RegisterModel model = new RegisterModel();
        List<Running> running = new ArrayList<>();
        long register = 0;
        int begun = 0;
        while (begun < total || !running.isEmpty()) {
            if (begun < total && running.size() < clients) {
                RegisterModel.Call call =
                        random.nextBoolean()
                                ? new RegisterModel.Get("x")
                                : new RegisterModel.Set(
                                        "x", random.chance(0.5) ? begun : random.nextInt(4));
                running.add(new Running(call, history.invoke(begun++, call, 0)));
            }
            Running one = random.pick(running);
            if (one.answer == null) {
                one.answer = new RegisterModel.Answer(register, true);
                register = model.step(register, one.call, null);
            } else {
                running.remove(one);
                if (random.chance(unknown)) {
                    one.pending.unknown(0);
                } else {
                    one.pending.ok(one.answer, 0);
                }
            }
        }
        return history.operations();
    }

    private static final class Running {
        private final RegisterModel.Call call;
        private final History.Pending<RegisterModel.Call, RegisterModel.Answer> pending;
        private RegisterModel.Answer answer;

        Running(
                RegisterModel.Call call,
                History.Pending<RegisterModel.Call, RegisterModel.Answer> pending) {
            this.call = call;
            this.pending = pending;
        }
    }
}
