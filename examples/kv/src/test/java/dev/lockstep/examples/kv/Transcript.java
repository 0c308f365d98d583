package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.demo.RespClient;
import dev.lockstep.examples.kv.store.Reply;
import dev.lockstep.raft.model.Payload;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Runs the commands of a script, and writes down what comes back.
 *
 * <p>A script's lines: {@code > a command}, quoted as for redis-cli; {@code < its reply}; comments
 * and empty lines stay.
 */
final class Transcript {
    private Transcript() {}

    static String run(String script, RespClient client) throws IOException {
        StringBuilder seen = new StringBuilder();
        for (String line : script.split("\n", -1)) {
            if (line.startsWith("> ")) {
                seen.append(line)
                        .append("\n< ")
                        .append(call(client, line.substring(2)))
                        .append('\n');
            } else if (!line.startsWith("<")) {
                seen.append(line).append('\n');
            }
        }
        return seen.substring(0, seen.length() - 1);
    }

    private static String call(RespClient client, String command) throws IOException {
        List<Payload> words = InlineWords.split(command);
        String[] texts = words.stream().map(Payload::asString).toArray(String[]::new);
        try {
            return show(client.call(texts));
        } catch (EOFException e) {
            return "(closed)";
        }
    }

    static String show(Reply reply) {
        if (reply instanceof Reply.Status status) {
            return "+" + status.text();
        }
        if (reply instanceof Reply.Failure failure) {
            // An error may end with a blank, which editors take away.
            return "-" + failure.text() + (failure.text().endsWith(" ") ? "." : "");
        }
        if (reply instanceof Reply.Whole number) {
            return ":" + number.value();
        }
        if (reply instanceof Reply.Bulk bulk) {
            String text = new String(bulk.bytes().toByteArray(), StandardCharsets.ISO_8859_1);
            return '"' + text.replace("\r", "\\r").replace("\n", "\\n") + '"';
        }
        if (reply instanceof Reply.Many many) {
            return many.all().stream()
                    .map(Transcript::show)
                    .collect(Collectors.joining(" ", "[", "]"));
        }
        return "nil";
    }
}
