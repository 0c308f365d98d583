package dev.lockstep.raft.model;

/**
 * A command that takes effect once, however often it is proposed (§6.3): the same session and
 * sequence mean the same command.
 *
 * @param session in which it is proposed
 * @param sequence its number in the session, at least 1; its client uses each for one command
 * @param lowestUnanswered the lowest sequence for whose answer the client still waits, at most
 *     {@code sequence}; answers to lower ones are forgotten, and lower ones never run again
 * @param command what the state machine gets
 */
public record SessionCommand(
        SessionId session, long sequence, long lowestUnanswered, Payload command) {
    public SessionCommand {
        if (lowestUnanswered < 1 || sequence < lowestUnanswered) {
            throw new IllegalArgumentException(
                    "the lowest unanswered sequence must be from 1 to the command's own, which is "
                            + sequence
                            + ": "
                            + lowestUnanswered);
        }
    }
}
