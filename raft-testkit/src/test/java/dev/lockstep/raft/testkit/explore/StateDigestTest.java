package dev.lockstep.raft.testkit.explore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.core.RaftCore;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class StateDigestTest {
    /** What may differ between states that count as one, and why. */
    private static final Set<String> MAY_DIFFER =
            Set.of(
                    "RaftCore.options", // never changes
                    "RaftCore.random", // only draws timeouts, and any timer may fire at any time
                    "RaftCore.nowNanos", // all times count by their distance from it
                    "LogView.bytesUpTo", // sums of what the ring holds
                    "ElectionTimer.deadlineNanos"); // far, until it is near

    private final Set<String> altered = new TreeSet<>();
    private final Set<String> unseen = new TreeSet<>();

    /** Every field of every object of the core's, in every server with which ways begin. */
    @Test
    void coresThatDifferInOneFieldDiffer() throws IllegalAccessException {
        for (Scene scene : Scene.values()) {
            Space space = new Space(scene.cast(), scene.bounds());
            StateDigest digest = new StateDigest(space.cast.options.electionTimeout().toNanos());
            for (Beginning beginning : scene.beginnings()) {
                Script script = new Script(space);
                beginning.play(script);
                for (int i = 0; i < scene.size; i++) {
                    LiveServer live = space.servers.live(space.server(script.end(), i));
                    alter(live, live.core(), new IdentityHashMap<>(), digest);
                }
            }
        }
        assertThat(unseen).isEmpty();
        assertThat(altered)
                .contains(
                        "RaftCore.hardState",
                        "RaftCore.durableIndex",
                        "LogView.lastIndex",
                        "LogView.runTerm",
                        "Progress.match",
                        "Progress.heardNanos",
                        "CommitQueue.committed",
                        "Leader.nextHeartbeatNanos");
    }

    private void alter(LiveServer live, Object owner, Map<Object, Boolean> done, StateDigest digest)
            throws IllegalAccessException {
        if (done.put(owner, true) != null) {
            return;
        }
        if (owner instanceof Collection<?> all) {
            for (Object one : all) {
                alter(live, one, done, digest);
            }
            return;
        }
        if (owner instanceof Object[] all) {
            for (Object one : all) {
                if (one != null) {
                    alter(live, one, done, digest);
                }
            }
            return;
        }
        if (!owner.getClass().getName().startsWith("dev.lockstep.raft.core.")) {
            return;
        }
        for (Class<?> type = owner.getClass(); type != Object.class; ) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    field.setAccessible(true);
                    alter(live, owner, field, done, digest);
                }
            }
            type = type.getSuperclass();
        }
    }

    private void alter(
            LiveServer live,
            Object owner,
            Field field,
            Map<Object, Boolean> done,
            StateDigest digest)
            throws IllegalAccessException {
        String name = field.getDeclaringClass().getSimpleName() + "." + field.getName();
        Object value = field.get(owner);
        boolean unused = value instanceof long[] && live.core().last().index() == 0;
        if (value instanceof RaftCore || unused || MAY_DIFFER.contains(name)) {
            return;
        }
        long before = live.digest(digest);
        Object other = other(live, field, value);
        if (other != null || (value != null && !field.getType().isPrimitive())) {
            if (owner.getClass().isRecord()) {
                return; // can't be altered; its fields are read as those of any other class
            }
            field.set(owner, other);
            altered.add(name);
            if (live.digest(digest) == before) {
                unseen.add(name);
            }
            field.set(owner, value);
            assertThat(live.digest(digest)).isEqualTo(before);
        }
        if (value != null) {
            alter(live, value, done, digest);
        }
    }

    /** Another value for it; null where a reference is to be null. */
    private static Object other(LiveServer live, Field field, Object value)
            throws IllegalAccessException {
        if (value instanceof Long number) {
            // Times far away count as one, so this one is brought near.
            return field.getName().endsWith("Nanos") ? now(live) - 1_000 : number + 1;
        } else if (value instanceof Integer number) {
            return number - 1;
        } else if (value instanceof Boolean flag) {
            return !flag;
        } else if (value instanceof long[] numbers) {
            long[] others = numbers.clone();
            others[0]++;
            return others;
        }
        return null;
    }

    private static Long now(LiveServer live) throws IllegalAccessException {
        try {
            Field now = RaftCore.class.getDeclaredField("nowNanos");
            now.setAccessible(true);
            return now.getLong(live.core());
        } catch (NoSuchFieldException e) {
            throw new AssertionError(e);
        }
    }
}
