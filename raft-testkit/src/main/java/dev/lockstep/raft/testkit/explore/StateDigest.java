package dev.lockstep.raft.testkit.explore;

import dev.lockstep.raft.core.RaftCore;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.RaftOptions;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A 64-bit digest of all that a core's behaviour depends on, read by reflection, so that a field
 * that is added to the core counts without being named here. What it leaves out is little:
 *
 * <ul>
 *   <li>the options, which never change, and the random generator, of which only timeouts come;
 *   <li>absolute time: a field whose name ends with {@code Nanos} counts by its distance from the
 *       core's own now, and distances of an election timeout or more count as one, since the core
 *       compares with nothing longer. So a drawn timeout that isn't near doesn't count either;
 *   <li>array places behind the count of those in use, and sums of what is there anyway.
 * </ul>
 *
 * Sets and maps count by content, whatever their order. A value of a class that it doesn't know
 * fails, rather than being left out. One thread at a time.
 */
final class StateDigest {
    private static final String OURS = "dev.lockstep.raft.";
    private static final long NOTHING = 0x6e756c6cL;

    /** Arrays that are longer than what they hold, and the fields that say how much it is. */
    private static final Map<String, String> USED =
            Map.of("LogView.runIndex", "runs", "LogView.runTerm", "runs");

    /** Follows from the entries beside it, and keeps what those had that are gone. */
    private static final Set<String> DERIVED = Set.of("LogView.bytesUpTo");

    private static final Set<Class<?>> LEFT_OUT =
            Set.of(RaftCore.class, RaftOptions.class, SplittableRandom.class);

    private final Map<Class<?>, Shape> shapes = new HashMap<>();
    private final List<Object> path = new ArrayList<>();
    private final long farNanos;
    private long now;

    /**
     * @param farNanos distances in time of this or more are all the same
     */
    StateDigest(long farNanos) {
        this.farNanos = farNanos;
    }

    /** One instance field, and the one that says how much of its array is in use, if it is so. */
    private record Slot(Field field, long salt, boolean isTime, @Nullable Field used) {}

    private record Shape(long salt, List<Slot> slots) {}

    /** The digest of a core and of what belongs to it outside of it. */
    long of(RaftCore core, Object... rest) {
        Shape shape = shapeOf(RaftCore.class);
        for (Slot slot : shape.slots) {
            if (slot.field.getName().equals("nowNanos")) {
                now = longOf(slot.field, core);
            }
        }
        long digest = fields(core, shape);
        for (Object one : rest) {
            digest = mix(digest, of(one));
        }
        return digest;
    }

    static long mix(long digest, long value) {
        long h = (digest ^ value) * 0x9e3779b97f4a7c15L;
        h = (h ^ (h >>> 32)) * 0xd6e8feb86659fd93L;
        return h ^ (h >>> 29);
    }

    private long of(@Nullable Object value) {
        if (value == null) {
            return NOTHING;
        } else if (value instanceof Number number) {
            return mix(1, number.longValue());
        } else if (value instanceof Boolean flag) {
            return flag ? 3 : 2;
        } else if (value instanceof Enum<?> constant) {
            return mix(4, text(constant.name()));
        } else if (value instanceof String text) {
            return text(text);
        } else if (value instanceof UUID uuid) {
            return mix(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
        } else if (value instanceof Payload payload) {
            return payload(payload);
        } else if (value instanceof Map<?, ?> map) {
            long sum = 5;
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                sum += mix(of(entry.getKey()), of(entry.getValue()));
            }
            return sum;
        } else if (value instanceof Set<?> set) {
            long sum = 6;
            for (Object one : set) {
                sum += mix(7, of(one));
            }
            return sum;
        } else if (value instanceof List<?> || value instanceof ArrayDeque<?>) {
            long digest = 8;
            for (Object one : (Iterable<?>) value) {
                digest = mix(digest, of(one));
            }
            return digest;
        } else if (value.getClass().isArray()) {
            return array(value, Array.getLength(value));
        } else if (LEFT_OUT.contains(value.getClass())) {
            return 9;
        } else if (value.getClass().getName().startsWith(OURS) && !value.getClass().isHidden()) {
            return fields(value, shapeOf(value.getClass()));
        }
        throw new IllegalStateException(
                "the digest can't read a " + value.getClass().getName() + "; teach it");
    }

    private long fields(Object owner, Shape shape) {
        for (int i = 0; i < path.size(); i++) {
            if (path.get(i) == owner) {
                return i; // who belongs to it knows it
            }
        }
        path.add(owner);
        long digest = shape.salt;
        for (Slot slot : shape.slots) {
            digest = mix(digest, slot.salt + slot(owner, slot));
        }
        path.remove(path.size() - 1);
        return digest;
    }

    private long slot(Object owner, Slot slot) {
        Class<?> type = slot.field.getType();
        if (type == long.class) {
            long value = longOf(slot.field, owner);
            return slot.isTime ? distance(value) : value;
        } else if (type == int.class || type == short.class || type == byte.class) {
            return longOf(slot.field, owner);
        }
        Object value = valueOf(slot.field, owner);
        if (slot.used != null && value != null) {
            return array(value, (int) longOf(slot.used, owner));
        }
        return of(value);
    }

    /** Both ends are far: what was long ago, and what is in the far future or never. */
    private long distance(long nanos) {
        if (nanos >= now) {
            return nanos - now >= farNanos || nanos - now < 0 ? farNanos : nanos - now;
        }
        return now - nanos >= farNanos || now - nanos < 0 ? -farNanos : nanos - now;
    }

    private long array(Object array, int length) {
        long digest = 10;
        for (int i = 0; i < length; i++) {
            if (array instanceof long[] longs) {
                digest = mix(digest, longs[i]);
            } else {
                Object one = Array.get(array, i);
                if (one != null) {
                    digest = mix(digest, mix(i, of(one)));
                }
            }
        }
        return digest;
    }

    private static long text(String text) {
        long digest = 11;
        for (int i = 0; i < text.length(); i++) {
            digest = mix(digest, text.charAt(i));
        }
        return digest;
    }

    private static long payload(Payload payload) {
        long digest = 12;
        for (int i = 0; i < payload.size(); i++) {
            digest = mix(digest, payload.byteAt(i));
        }
        return digest;
    }

    private Shape shapeOf(Class<?> type) {
        Shape known = shapes.get(type);
        if (known == null) {
            known = read(type);
            shapes.put(type, known);
        }
        return known;
    }

    private static Shape read(Class<?> type) {
        List<Slot> slots = new ArrayList<>();
        for (Class<?> at = type; at != null && at != Object.class && at != Record.class; ) {
            for (Field field : at.getDeclaredFields()) {
                String name = at.getSimpleName() + "." + field.getName();
                if (!Modifier.isStatic(field.getModifiers()) && !DERIVED.contains(name)) {
                    slots.add(slotOf(at, field));
                }
            }
            at = at.getSuperclass();
        }
        // Reflection promises no order, and runs on other machines must count the same states.
        slots.sort(Comparator.comparing(slot -> slot.field.getName()));
        return new Shape(text(type.getName()), slots);
    }

    private static Slot slotOf(Class<?> owner, Field field) {
        field.setAccessible(true);
        String name = field.getName();
        boolean isTime = name.endsWith("Nanos") && field.getType() == long.class;
        String used = USED.get(owner.getSimpleName() + "." + name);
        try {
            Field count = used == null ? null : owner.getDeclaredField(used);
            if (count != null) {
                count.setAccessible(true);
            }
            return new Slot(field, text(name), isTime, count);
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(owner + " has no field " + used + " any more", e);
        }
    }

    private static long longOf(Field field, Object owner) {
        try {
            return field.getLong(owner);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(field + " is closed to the explorer", e);
        }
    }

    private static @Nullable Object valueOf(Field field, Object owner) {
        try {
            return field.get(owner);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(field + " is closed to the explorer", e);
        }
    }
}
