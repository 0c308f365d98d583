package dev.lockstep.examples.kv;

import dev.lockstep.raft.model.NotDone;
import dev.lockstep.raft.model.OutcomeUnknown;
import java.util.concurrent.CompletionException;

/**
 * How the ends of a proposal or read that aren't an answer are told to a Redis client; see the
 * README.
 */
final class ErrorTexts {
    private ErrorTexts() {}

    static String of(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (cause instanceof OutcomeUnknown) {
            return "OUTCOMEUNKNOWN the command may or may not have taken effect: "
                    + cause.getMessage();
        }
        if (cause instanceof NotDone notDone) {
            return prefix(notDone.reason()) + " nothing was done: " + notDone.getMessage();
        }
        return "OUTCOMEUNKNOWN internal error: " + cause;
    }

    private static String prefix(NotDone.Reason reason) {
        return switch (reason) {
            case NO_LEADER, BEHIND, CLOSED, HALTED -> "CLUSTERDOWN";
            case OVERLOADED -> "OVERLOADED";
            case DISK_FULL -> "DISKFULL";
            case REFUSED, OVERWRITTEN -> "TRYAGAIN";
            case TOO_LARGE,
                    QUERY_FAILED,
                    SNAPSHOT_FAILED,
                    SESSION_EXPIRED,
                    SESSION_FULL,
                    TOO_MANY_SESSIONS,
                    WITNESS ->
                    "ERR";
        };
    }
}
