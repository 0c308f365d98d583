package dev.lockstep.examples.kv.demo;

import dev.lockstep.examples.kv.store.Reply;
import java.util.List;
import java.util.Optional;

/** Reads replies. */
final class Replies {
    private Replies() {}

    /** What people would see: the text, the number, or the name of anything else. */
    static String text(Reply reply) {
        if (reply instanceof Reply.Bulk bulk) {
            return bulk.bytes().asString();
        }
        if (reply instanceof Reply.Status status) {
            return status.text();
        }
        if (reply instanceof Reply.Failure failure) {
            return failure.text();
        }
        return reply instanceof Reply.Whole number
                ? Long.toString(number.value())
                : reply.toString();
    }

    /**
     * The value that follows a name in a list of names and values; empty when it isn't there or is
     * nil.
     */
    static Optional<Reply> field(Reply reply, String name) {
        List<? extends Reply> all = reply instanceof Reply.Many many ? many.all() : List.of();
        for (int i = 0; i + 1 < all.size(); i += 2) {
            if (text(all.get(i)).equals(name)) {
                Reply value = all.get(i + 1);
                return value instanceof Reply.Nil ? Optional.empty() : Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
