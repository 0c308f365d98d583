package dev.lockstep.raft.applied;

import dev.lockstep.raft.applied.SessionAnswer.Outcome;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Payload;
import dev.lockstep.raft.model.SessionCommand;
import dev.lockstep.raft.model.SessionId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The client sessions of a group (§6.3), which make a command take effect once however often it is
 * retried. The table is replicated state: every replica changes it by the same entries, and by
 * nothing else, so all agree on what ran before and on when a session expires.
 *
 * <p>A sequence runs if it is neither below the watermark, which only rises, nor answered yet, nor
 * one too many for the session. An answer is kept until the client says, by the lowest sequence
 * that it still waits for, that it needs it no more; it is never evicted to make room, since a
 * retry would run again then. A session that has expired is gone: whatever comes in it doesn't run.
 */
final class SessionTable {
    private static final int HEADER_BYTES = SessionTime.BYTES + 4;
    private static final int SESSION_BYTES = 8 + 8 + 4 + 8 + 8 + 4;
    private static final int ANSWER_BYTES = 8 + 4;

    /** By index, the least recently used first. */
    private final LinkedHashMap<Long, Session> sessions = new LinkedHashMap<>();

    /** The latest session of each nonce, so that asking twice opens one. */
    private final TreeMap<Long, Session> byNonce = new TreeMap<>();

    private final SessionTime time = new SessionTime();
    private final CRC32C checksum = new CRC32C();

    /** Comes first for every entry of the log, of whatever kind. */
    void pass(long entryMillis) {
        time.pass(entryMillis);
    }

    int size() {
        return sessions.size();
    }

    /**
     * Whether an entry is wanted at that time: to end a session that was unused for so long, or
     * because the sessions' time has run as far as it does without one.
     */
    boolean needsEntry(long wallMillis, long idleMillis) {
        Iterator<Session> oldestFirst = sessions.values().iterator();
        return oldestFirst.hasNext()
                && (time.needsEntry(wallMillis)
                        || time.after(wallMillis) - oldestFirst.next().usedMillis >= idleMillis);
    }

    /**
     * Runs a command of a session, unless it ran before or may not run any more.
     *
     * @param machine runs a command; when it throws, the table is as before
     * @return the encoded answer
     */
    Payload apply(Entry entry, UnaryOperator<Payload> machine) {
        SessionCommand command = SessionCommandFormat.decode(entry.payload());
        if (command == null) {
            return bare(Outcome.MALFORMED);
        }
        Session session = find(command.session());
        if (session == null) {
            return bare(Outcome.EXPIRED);
        }
        use(session);
        session.raiseWatermark(command.lowestUnanswered());
        if (command.sequence() < session.watermark) {
            return bare(Outcome.FORGOTTEN);
        }
        Payload earlier = session.answerTo(command.sequence());
        if (earlier != null) {
            return earlier;
        }
        if (session.isFull()) {
            return bare(Outcome.FULL);
        }
        Payload answer = new SessionAnswer(Outcome.DONE, machine.apply(command.command())).encode();
        session.answers.put(command.sequence(), answer);
        return answer;
    }

    /**
     * Opens or ends sessions.
     *
     * @return the encoded answer
     */
    Payload change(Entry entry) {
        SessionChange change = SessionChange.decode(entry.payload());
        if (change instanceof SessionChange.Open open) {
            return open(entry, open);
        } else if (change instanceof SessionChange.KeepAlive keepAlive) {
            Session session = find(keepAlive.session());
            if (session == null) {
                return bare(Outcome.EXPIRED);
            }
            use(session);
            return bare(Outcome.DONE);
        } else if (change instanceof SessionChange.Close close) {
            Session session = find(close.session());
            if (session != null) {
                remove(session);
            }
            return bare(Outcome.DONE);
        } else if (change instanceof SessionChange.Expire expire) {
            time.timeout(expire.idleMillis());
            expire(time.nowMillis(), expire.idleMillis());
            return bare(Outcome.DONE);
        }
        return bare(Outcome.MALFORMED);
    }

    private Payload open(Entry entry, SessionChange.Open open) {
        time.timeout(open.idleMillis());
        Session session = byNonce.get(open.nonce());
        if (session == null || !session.isUnused()) {
            if (sessions.size() >= open.maxSessions()) {
                return bare(Outcome.TOO_MANY_SESSIONS);
            }
            SessionId id = new SessionId(entry.index(), open.nonce());
            session = new Session(id, open.maxAnswers(), time.nowMillis(), 1);
            add(session);
        }
        use(session);
        return new SessionAnswer(Outcome.DONE, Payload.of(session.id.index())).encode();
    }

    /** The time never goes back, so whoever was used before another by index was by time. */
    private void expire(long nowMillis, long idleMillis) {
        while (!sessions.isEmpty()) {
            Session oldest = sessions.values().iterator().next();
            if (nowMillis - oldest.usedMillis < idleMillis) {
                return;
            }
            remove(oldest);
        }
    }

    private @Nullable Session find(SessionId id) {
        Session found = sessions.get(id.index());
        return found != null && found.id.equals(id) ? found : null;
    }

    private void use(Session session) {
        session.usedMillis = time.nowMillis();
        sessions.remove(session.id.index());
        sessions.put(session.id.index(), session);
    }

    private void add(Session session) {
        sessions.put(session.id.index(), session);
        Session other = byNonce.get(session.id.nonce());
        if (other == null || other.id.index() < session.id.index()) {
            byNonce.put(session.id.nonce(), session);
        }
    }

    private void remove(Session session) {
        sessions.remove(session.id.index());
        byNonce.remove(session.id.nonce(), session);
    }

    private static Payload bare(Outcome outcome) {
        return new SessionAnswer(outcome, Payload.EMPTY).encode();
    }

    // ---- in a snapshot ----

    long hash() {
        long hash = time.hash(sessions.size());
        for (Session session : sessions.values()) {
            hash = session.hash(hash, checksum);
        }
        return hash;
    }

    /** The bytes that {@link #writeTo} takes. */
    long sizeBytes() {
        long bytes = HEADER_BYTES;
        for (Session session : sessions.values()) {
            bytes += SESSION_BYTES;
            for (Payload answer : session.answers.values()) {
                bytes += ANSWER_BYTES + answer.size();
            }
        }
        return bytes;
    }

    /** The same bytes for the same table: sessions by use, their answers by sequence. */
    void writeTo(ByteBuffer bytes) {
        time.writeTo(bytes);
        bytes.putInt(sessions.size());
        for (Session session : sessions.values()) {
            bytes.putLong(session.id.index()).putLong(session.id.nonce());
            bytes.putInt(session.maxAnswers).putLong(session.usedMillis);
            bytes.putLong(session.watermark).putInt(session.answers.size());
            for (Map.Entry<Long, Payload> answer : session.answers.entrySet()) {
                bytes.putLong(answer.getKey()).putInt(answer.getValue().size());
                answer.getValue().writeTo(bytes);
            }
        }
    }

    /** Takes the place of what is here. */
    void readFrom(ByteBuffer bytes) {
        sessions.clear();
        byNonce.clear();
        time.readFrom(bytes);
        for (int left = bytes.getInt(); left > 0; left--) {
            SessionId id = new SessionId(bytes.getLong(), bytes.getLong());
            Session session = new Session(id, bytes.getInt(), bytes.getLong(), bytes.getLong());
            for (int answers = bytes.getInt(); answers > 0; answers--) {
                long sequence = bytes.getLong();
                int size = bytes.getInt();
                if (size > bytes.remaining()) {
                    throw new BufferUnderflowException();
                }
                byte[] answer = new byte[size];
                bytes.get(answer);
                session.answers.put(sequence, Payload.wrap(answer));
            }
            add(session);
        }
    }
}
