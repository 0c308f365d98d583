package dev.lockstep.raft.testkit.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.storage.IdentityFuzz;
import dev.lockstep.raft.storage.LogFuzz;
import dev.lockstep.raft.storage.PeersFuzz;
import dev.lockstep.raft.transport.netty.WireFuzz;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The fuzzers' targets without a fuzzer: their seeds, mutations of these by a fixed seed. */
class FuzzRegressionTest {
    private static final int MUTATIONS = 2000;

    static Stream<Arguments> targets() {
        return Stream.of(
                target("log", LogFuzz::fuzzerTestOneInput, LogFuzz.seeds()),
                target("identity", IdentityFuzz::fuzzerTestOneInput, IdentityFuzz.seeds()),
                target("peers", PeersFuzz::fuzzerTestOneInput, PeersFuzz.seeds()),
                target("snapshot", SnapshotFuzz::fuzzerTestOneInput, SnapshotFuzz.seeds()),
                target("wire", WireFuzz::fuzzerTestOneInput, WireFuzz.seeds()));
    }

    private static Arguments target(String name, Consumer<byte[]> target, List<byte[]> seeds) {
        return Arguments.of(name, target, seeds);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("targets")
    void mutationsOfTheSeedsBreakNothing(String name, Consumer<byte[]> target, List<byte[]> seeds) {
        target.accept(new byte[0]);
        seeds.forEach(seed -> target.accept(seed.clone()));
        Random random = new Random(11);
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] input = mutated(seeds.get(random.nextInt(seeds.size())), random);
            try {
                target.accept(input);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(name + " " + i + ": " + Arrays.toString(input), e);
            }
        }
    }

    private static byte[] mutated(byte[] seed, Random random) {
        byte[] bytes = seed.clone();
        if (random.nextInt(4) == 0) {
            bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 20));
        }
        for (int left = random.nextInt(6); left > 0 && bytes.length > 0; left--) {
            int at = random.nextInt(bytes.length);
            bytes[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) -1;
        }
        return bytes;
    }

    @Test
    void aTargetThatAllocatesBeyondItsInputOrThrowsIsNoticed() {
        byte[][] kept = new byte[1][];
        assertThat(fails(() -> kept[0] = new byte[1 << 20])).isTrue();
        assertThat(
                        fails(
                                () -> {
                                    throw new IllegalStateException("no");
                                }))
                .isTrue();
        assertThat(fails(() -> kept[0] = new byte[100])).isFalse();
    }

    private static boolean fails(Fuzz.Decoding decoding) {
        try {
            Fuzz.check(10, 10_000, decoding);
            return false;
        } catch (AssertionError | IllegalStateException e) {
            return true;
        }
    }
}
