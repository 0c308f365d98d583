package dev.lockstep.raft.testkit.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExplorerTest {
    /** Nothing but what is on its way already. */
    private static final Bounds NO_EVENTS = new Bounds(5, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);

    @ParameterizedTest
    @EnumSource
    void noPromiseIsBrokenInTheNearestStates(Scene scene) {
        Explorer explorer = new Explorer(scene, 75_000, out);
        assertThat(explorer.run()).as("%s", printed).isNull();
        assertThat(explorer.states()).isGreaterThanOrEqualTo(75_000);
        assertThat(explorer.depth()).isGreaterThan(4);
    }

    @Test
    void whatIsBoundedEnds() {
        Explorer explorer = new Explorer(Scene.THREE_SERVERS, NO_EVENTS, 1_000_000, out);
        assertThat(explorer.run()).as("%s", printed).isNull();
        assertThat(explorer.isComplete()).isTrue();
        assertThat(explorer.states()).isBetween(1_000L, 100_000L);
    }

    @Test
    void twoRunsMeetTheSameStates() {
        assertThat(figures()).isEqualTo(figures());
    }

    private List<Long> figures() {
        Explorer explorer = new Explorer(Scene.FOUR_SERVERS_CHANGE, 20_000, out);
        explorer.run();
        return List.of(explorer.states(), explorer.transitions(), (long) explorer.depth());
    }

    @Test
    void theLastLineSumsUp() {
        int exit = Explore.run(new String[] {"--states", "5000"}, out);
        String[] lines = printed.toString(StandardCharsets.UTF_8).split("\n", -1);
        assertThat(exit).isZero();
        assertThat(lines[lines.length - 2])
                .contains("distinct states, all to depth", "transitions", "0 violations");
    }

    /**
     * The exploration carries out what it has seen before by looking it up. Here cores carry out
     * everything, at other times, with other timeouts: what the digest leaves out must not matter.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void statesThatCountAsOneBehaveAsOne(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Scene scene = seed % 2 == 0 ? Scene.FOUR_SERVERS_CHANGE : Scene.THREE_SERVERS;
        Space space = new Space(scene.cast(), scene.bounds());
        StateDigest digest = new StateDigest(space.cast.options.electionTimeout().toNanos());
        for (int way = 0; way < 150; way++) {
            int[] state = space.founded();
            List<LiveServer> live = new ArrayList<>();
            for (int i = 0; i < scene.size; i++) {
                LiveServer.Start start = space.server(state, i).start();
                live.add(new LiveServer(space.cast, start, random.nextLong()));
            }
            for (int step = 0; step < 60; step++) {
                state = walk(space, state, live, random);
                for (int i = 0; i < scene.size; i++) {
                    assertThat(live.get(i).digest(digest))
                            .as("server %s in way %s of seed %s", i, way, seed)
                            .isEqualTo(space.server(state, i).digest());
                }
            }
        }
    }

    private static int[] walk(
            Space space, int[] state, List<LiveServer> live, SplittableRandom random) {
        List<Integer> actions = new ArrayList<>();
        List<int[]> states = new ArrayList<>();
        space.successors(
                state,
                new Space.Successors() {
                    @Override
                    public void next(int action, int[] next) {
                        actions.add(action);
                        states.add(next);
                    }

                    @Override
                    public void broken(int action, Violation violation) {
                        throw violation;
                    }
                });
        if (actions.isEmpty()) {
            return state;
        }
        int at = random.nextInt(actions.size());
        int action = actions.get(at);
        int server = Action.server(action);
        if (Action.kind(action) == Action.Kind.CRASH) {
            LiveServer.Start start =
                    live.get(server).crash(Action.kept(action), Action.parts(action));
            live.set(server, new LiveServer(space.cast, start, random.nextLong()));
        } else if (Action.kind(action) != Action.Kind.DROP) {
            live.get(server).perform(action);
        }
        return states.get(at);
    }
}
