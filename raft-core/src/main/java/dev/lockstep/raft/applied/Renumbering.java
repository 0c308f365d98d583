package dev.lockstep.raft.applied;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SessionCommand;
import dev.lockstep.raft.model.SessionId;

/**
 * Moves a log behind a snapshot to higher positions, as a restore from a backup does so that no
 * position is given out twice. A session is named by the index of the entry that opened it: where
 * that entry moves, whatever names the session moves along, or a command that ran would be taken
 * for one of a session that is gone.
 *
 * @param behind the position of the snapshot before the move; zero when there is none
 * @param byTerm how much is added to every term
 * @param byIndex how much is added to every index
 */
public record Renumbering(LogPosition behind, long byTerm, long byIndex) {
    public Renumbering {
        if (byTerm < 0 || byIndex < 0) {
            throw new IllegalArgumentException(
                    "positions never go back: " + byTerm + ", " + byIndex);
        }
    }

    public LogPosition move(LogPosition position) {
        return new LogPosition(
                Math.addExact(position.term(), byTerm), Math.addExact(position.index(), byIndex));
    }

    /**
     * @throws ArithmeticException when the sum is no term or index any more
     */
    public Entry move(Entry entry) {
        LogPosition to = move(entry.position());
        Payload payload =
                switch (entry.kind()) {
                    case SESSION_COMMAND -> command(entry.payload());
                    case SESSION -> change(entry.payload());
                    default -> entry.payload();
                };
        return new Entry(to.term(), to.index(), entry.kind(), entry.timestampMillis(), payload);
    }

    private Payload command(Payload payload) {
        SessionCommand command = SessionCommandFormat.decode(payload);
        return command == null
                ? payload
                : SessionCommandFormat.encode(
                        new SessionCommand(
                                move(command.session()),
                                command.sequence(),
                                command.lowestUnanswered(),
                                command.command()));
    }

    private Payload change(Payload payload) {
        SessionChange change = SessionChange.decode(payload);
        if (change instanceof SessionChange.KeepAlive keepAlive) {
            return new SessionChange.KeepAlive(move(keepAlive.session())).encode();
        } else if (change instanceof SessionChange.Close close) {
            return new SessionChange.Close(move(close.session())).encode();
        }
        return payload;
    }

    private SessionId move(SessionId session) {
        return session.index() <= behind.index()
                ? session
                : new SessionId(Math.addExact(session.index(), byIndex), session.nonce());
    }
}
