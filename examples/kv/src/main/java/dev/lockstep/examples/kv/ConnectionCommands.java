package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.store.Integers;
import dev.lockstep.examples.kv.store.Reply;
import java.util.List;
import java.util.OptionalLong;

/** The commands that concern one connection. */
final class ConnectionCommands {
    private static final String FAST = "fast";
    private static final long RESP2 = 2;

    private ConnectionCommands() {}

    static List<CommandSpec> all() {
        return List.of(
                CommandSpec.of("ping", -1, FAST, (words, session) -> ping(words)),
                CommandSpec.of(
                        "echo",
                        2,
                        FAST,
                        (words, session) -> answer(new Reply.Bulk(words.bytes(1)))),
                CommandSpec.of("select", 2, FAST, (words, session) -> select(words)),
                CommandSpec.of("hello", -1, FAST, ConnectionCommands::hello),
                CommandSpec.of("quit", -1, FAST, (words, session) -> new Step.Close(Reply.ok())),
                CommandSpec.of(
                        "client|id", 2, FAST, (words, session) -> answer(Reply.of(session.id()))),
                CommandSpec.of("client|getname", 2, FAST, (words, session) -> getName(session)),
                CommandSpec.of("client|setname", 3, FAST, ConnectionCommands::setName),
                CommandSpec.of("client|setinfo", 4, FAST, (words, session) -> setInfo(words)));
    }

    private static Step answer(Reply reply) {
        return new Step.Answer(reply);
    }

    private static Step ping(Words words) {
        if (words.size() > 2) {
            throw Refusal.wrongArity("ping");
        }
        return answer(
                words.size() == 1 ? new Reply.Status("PONG") : new Reply.Bulk(words.bytes(1)));
    }

    private static Step select(Words words) {
        if (words.integer(1) != 0) {
            throw new Refusal("ERR DB index is out of range");
        }
        return Step.ok();
    }

    private static Step hello(Words words, Session session) {
        if (words.size() > 1) {
            OptionalLong version = Integers.parse(words.bytes(1));
            if (version.isEmpty()) {
                throw new Refusal("ERR Protocol version is not an integer or out of range");
            }
            // Just this word makes a client that would like RESP3 fall back to RESP2.
            if (version.getAsLong() != RESP2) {
                throw new Refusal("NOPROTO unsupported protocol version");
            }
        }
        for (int i = 2; i < words.size(); i += 2) {
            if (!words.is(i, "setname") || i + 1 == words.size()) {
                throw new Refusal("ERR Syntax error in HELLO option '" + words.text(i) + "'");
            }
            session.rename(words.bytes(i + 1));
        }
        return answer(
                new Reply.Many(
                        List.of(
                                Reply.bulk("server"),
                                Reply.bulk("redis"),
                                Reply.bulk("version"),
                                Reply.bulk(Info.REDIS_VERSION),
                                Reply.bulk("proto"),
                                Reply.of(RESP2),
                                Reply.bulk("id"),
                                Reply.of(session.id()),
                                Reply.bulk("mode"),
                                Reply.bulk("standalone"),
                                Reply.bulk("role"),
                                Reply.bulk("master"),
                                Reply.bulk("modules"),
                                new Reply.Many(List.of()))));
    }

    private static Step getName(Session session) {
        return answer(session.name().size() == 0 ? Reply.nil() : new Reply.Bulk(session.name()));
    }

    private static Step setName(Words words, Session session) {
        session.rename(words.bytes(2));
        return Step.ok();
    }

    /**
     * Clients tell their library's name and version right after they connect. Nobody asks for it
     * here.
     */
    private static Step setInfo(Words words) {
        if (!words.is(2, "lib-name") && !words.is(2, "lib-ver")) {
            throw new Refusal("ERR Unrecognized option '" + words.text(2) + "'");
        }
        return Step.ok();
    }
}
