package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.store.Glob;
import dev.lockstep.examples.kv.store.KvStore;
import dev.lockstep.examples.kv.store.Reply;
import dev.lockstep.raft.model.Payload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The commands that tell of this node. They ask no other node, so they work without a quorum too.
 */
final class ServerCommands {
    private static final String ADMIN = "admin";

    /** What clients ask for: redis-benchmark the first two, before it begins. */
    private static final Map<String, String> SETTINGS =
            new TreeMap<>(
                    Map.of(
                            "save", "",
                            "appendonly", "yes",
                            "appendfsync", "always",
                            "databases", "1",
                            "maxmemory", "0",
                            "proto-max-bulk-len", Integer.toString(KvStore.MAX_VALUE_BYTES),
                            "timeout", "0"));

    private ServerCommands() {}

    static List<CommandSpec> all() {
        return List.of(
                CommandSpec.of("info", -1, ADMIN, ServerCommands::info),
                CommandSpec.of("config|get", -3, ADMIN, (words, session) -> configGet(words)));
    }

    /** COMMAND tells of all commands, so it needs their list. */
    static List<CommandSpec> about(Collection<CommandSpec> known) {
        long count = known.stream().filter(spec -> !isSub(spec)).count();
        Reply list =
                new Reply.Many(
                        known.stream()
                                .filter(spec -> !isSub(spec))
                                .map(ServerCommands::describe)
                                .toList());
        return List.of(
                CommandSpec.of("command", -1, ADMIN, (words, session) -> new Step.Answer(list)),
                CommandSpec.of(
                        "command|count",
                        2,
                        ADMIN,
                        (words, session) -> new Step.Answer(Reply.of(count))),
                // redis-cli asks for it at its start, for hints while one types, and is content
                // with none.
                CommandSpec.of(
                        "command|docs",
                        -2,
                        ADMIN,
                        (words, session) -> new Step.Answer(new Reply.Many(List.of()))));
    }

    private static boolean isSub(CommandSpec spec) {
        return spec.name().indexOf('|') >= 0;
    }

    private static Reply describe(CommandSpec spec) {
        return new Reply.Many(
                List.of(
                        Reply.bulk(spec.name()),
                        Reply.of(spec.arity()),
                        new Reply.Many(spec.flags().stream().map(Reply.Status::new).toList()),
                        Reply.of(spec.firstKey()),
                        Reply.of(spec.lastKey()),
                        Reply.of(spec.keyStep())));
    }

    private static Step info(Words words, Session session) {
        List<String> sections = new ArrayList<>();
        for (int i = 1; i < words.size(); i++) {
            sections.add(words.lower(i));
        }
        return new Step.Answer(Reply.bulk(Info.text(session.facts(), sections)));
    }

    private static Step configGet(Words words) {
        Map<String, String> found = new TreeMap<>();
        for (int i = 2; i < words.size(); i++) {
            Glob glob = new Glob(Payload.of(words.lower(i)));
            SETTINGS.forEach(
                    (name, value) -> {
                        if (glob.matches(Payload.of(name))) {
                            found.put(name, value);
                        }
                    });
        }
        List<Reply> pairs = new ArrayList<>();
        found.forEach(
                (name, value) -> {
                    pairs.add(Reply.bulk(name));
                    pairs.add(Reply.bulk(value));
                });
        return new Step.Answer(new Reply.Many(pairs));
    }
}
