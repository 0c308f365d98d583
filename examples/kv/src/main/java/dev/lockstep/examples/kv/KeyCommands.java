package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.store.Condition;
import dev.lockstep.examples.kv.store.Integers;
import dev.lockstep.examples.kv.store.Operation;
import dev.lockstep.examples.kv.store.Read;
import dev.lockstep.examples.kv.store.SetAnswer;
import dev.lockstep.examples.kv.store.Write;
import dev.lockstep.raft.model.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/** The commands that ask the replicated state. */
final class KeyCommands {
    private static final String READ = "readonly";
    private static final String WRITE = "write";
    private static final long SECOND = 1000;
    private static final long DEFAULT_SCAN_COUNT = 10;

    private KeyCommands() {}

    static List<CommandSpec> all() {
        List<CommandSpec> all = new ArrayList<>(reads());
        all.addAll(writes());
        return all;
    }

    private static List<CommandSpec> reads() {
        return List.of(
                CommandSpec.ofKey("get", 2, READ, runs(w -> new Read.Find(w.key(1)))),
                CommandSpec.ofKeys("mget", -2, READ, 1, runs(w -> new Read.FindAll(w.keys(1)))),
                CommandSpec.ofKeys(
                        "exists", -2, READ, 1, runs(w -> new Read.CountPresent(w.keys(1)))),
                CommandSpec.ofKey("strlen", 2, READ, runs(w -> new Read.Length(w.key(1)))),
                CommandSpec.ofKey("type", 2, READ, runs(w -> new Read.TypeOf(w.key(1)))),
                CommandSpec.ofKey("ttl", 2, READ, runs(w -> new Read.TimeToLive(w.key(1), SECOND))),
                CommandSpec.ofKey("pttl", 2, READ, runs(w -> new Read.TimeToLive(w.key(1), 1))),
                CommandSpec.of("keys", 2, READ, runs(w -> new Read.KeysMatching(w.bytes(1)))),
                CommandSpec.of("scan", -2, READ, runs(KeyCommands::scan)),
                CommandSpec.of("dbsize", 1, READ, runs(w -> new Read.CountAll())));
    }

    private static List<CommandSpec> writes() {
        return List.of(
                CommandSpec.ofKey("set", -3, WRITE, runs(SetOptions::parse)),
                CommandSpec.ofKey(
                        "setnx", 3, WRITE, runs(w -> set(w, Condition.IF_ABSENT, SetAnswer.COUNT))),
                CommandSpec.ofKey(
                        "getset",
                        3,
                        WRITE,
                        runs(w -> set(w, Condition.ALWAYS, SetAnswer.OLD_VALUE))),
                CommandSpec.ofKeys("mset", -3, WRITE, 2, runs(KeyCommands::setAll)),
                CommandSpec.ofKeys("del", -2, WRITE, 1, runs(w -> new Write.Delete(w.keys(1)))),
                CommandSpec.ofKey("incr", 2, WRITE, runs(w -> new Write.Add(w.key(1), 1))),
                CommandSpec.ofKey("decr", 2, WRITE, runs(w -> new Write.Add(w.key(1), -1))),
                CommandSpec.ofKey(
                        "incrby", 3, WRITE, runs(w -> new Write.Add(w.key(1), w.integer(2)))),
                CommandSpec.ofKey(
                        "append", 3, WRITE, runs(w -> new Write.Append(w.key(1), w.bytes(2)))),
                CommandSpec.ofKey("expire", -3, WRITE, runs(w -> expire(w, SECOND))),
                CommandSpec.ofKey("pexpire", -3, WRITE, runs(w -> expire(w, 1))),
                CommandSpec.ofKey("persist", 2, WRITE, runs(w -> new Write.Persist(w.key(1)))),
                CommandSpec.ofKey(
                        "cas",
                        4,
                        WRITE,
                        runs(w -> new Write.CompareAndSet(w.key(1), w.bytes(2), w.bytes(3)))));
    }

    private static CommandSpec.Parser runs(Function<Words, Operation> operation) {
        return (words, session) -> new Step.Run(operation.apply(words));
    }

    private static Operation set(Words words, Condition when, SetAnswer answer) {
        return new Write.Set(words.key(1), words.bytes(2), when, Write.Set.FOREVER, answer);
    }

    private static Operation setAll(Words words) {
        if (words.size() % 2 == 0) {
            throw Refusal.wrongArity("mset");
        }
        List<Write.Pair> pairs = new ArrayList<>();
        for (int i = 1; i < words.size(); i += 2) {
            pairs.add(new Write.Pair(words.key(i), words.bytes(i + 1)));
        }
        return new Write.SetAll(pairs);
    }

    private static Operation expire(Words words, long unitMillis) {
        long lifetimeMillis = millis(words, words.integer(2), unitMillis);
        if (words.size() > 3) {
            throw new Refusal("ERR Unsupported option " + words.text(3));
        }
        return new Write.Expire(words.key(1), lifetimeMillis);
    }

    /**
     * Redis refuses what would overflow when it is added to its clock. The clock that counts here
     * is the leader's, later, so everything beyond some hundred million years is refused.
     */
    static long millis(Words words, long value, long unitMillis) {
        if (value > Long.MAX_VALUE / 2 / unitMillis || value < Long.MIN_VALUE / unitMillis) {
            throw new Refusal("ERR invalid expire time in '" + words.lower(0) + "' command");
        }
        return value * unitMillis;
    }

    private static Operation scan(Words words) {
        long cursor = cursor(words.bytes(1));
        long count = DEFAULT_SCAN_COUNT;
        Payload pattern = Payload.of("*");
        for (int i = 2; i < words.size(); i += 2) {
            if (i + 1 == words.size()) {
                throw Refusal.syntax();
            }
            if (words.is(i, "count")) {
                count = words.integer(i + 1);
                if (count < 1) {
                    throw Refusal.syntax();
                }
            } else if (words.is(i, "match")) {
                pattern = words.bytes(i + 1);
            } else {
                throw Refusal.syntax();
            }
        }
        return new Read.Scan(cursor, count, pattern);
    }

    private static long cursor(Payload text) {
        OptionalLong cursor = Integers.parse(text);
        if (cursor.isEmpty()) {
            throw new Refusal("ERR invalid cursor");
        }
        // A negative one is a huge one for Redis, with nothing behind it.
        return cursor.getAsLong() < 0 ? Long.MAX_VALUE : cursor.getAsLong();
    }
}
