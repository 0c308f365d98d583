package dev.lockstep.examples.kv.store;

import dev.lockstep.raft.model.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Operations of every kind, on few keys so that they meet. */
final class RandomOperations {
    private RandomOperations() {}

    static List<Operation> some(Random random, int count) {
        List<Operation> some = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            some.add(one(random, pick(random, OperationCode.values())));
        }
        return some;
    }

    private static <T> T pick(Random random, T[] from) {
        return from[random.nextInt(from.length)];
    }

    static Operation one(Random random, OperationCode code) {
        Key key = Key.of("key" + random.nextInt(20));
        Key other = Key.of("key" + random.nextInt(20));
        Payload value =
                Payload.of(
                        random.nextBoolean() ? "" + random.nextInt(3) : "text" + random.nextInt(3));
        return switch (code) {
            case FIND -> new Read.Find(key);
            case FIND_ALL -> new Read.FindAll(List.of(key, other));
            case COUNT_PRESENT -> new Read.CountPresent(List.of(key, other));
            case LENGTH -> new Read.Length(key);
            case TYPE_OF -> new Read.TypeOf(key);
            case TIME_TO_LIVE -> new Read.TimeToLive(key, random.nextBoolean() ? 1 : 1000);
            case KEYS_MATCHING -> new Read.KeysMatching(Payload.of("*" + random.nextInt(10)));
            case SCAN ->
                    new Read.Scan(random.nextLong() >>> 12, 1 + random.nextInt(5), Payload.of("*"));
            case COUNT_ALL -> new Read.CountAll();
            case SET ->
                    new Write.Set(
                            key,
                            value,
                            pick(random, Condition.values()),
                            random.nextInt(100) - 1,
                            pick(random, SetAnswer.values()));
            case SET_ALL ->
                    new Write.SetAll(
                            List.of(new Write.Pair(key, value), new Write.Pair(other, value)));
            case DELETE -> new Write.Delete(List.of(key, other));
            case ADD -> new Write.Add(key, random.nextLong());
            case APPEND -> new Write.Append(key, value);
            case EXPIRE -> new Write.Expire(key, random.nextInt(200) - 20);
            case PERSIST -> new Write.Persist(key);
            case COMPARE_AND_SET -> new Write.CompareAndSet(key, value, Payload.of("swapped"));
        };
    }
}
