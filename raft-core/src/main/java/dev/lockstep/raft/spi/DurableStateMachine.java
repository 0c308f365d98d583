package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.Payload;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.List;

/**
 * A state machine that keeps its state durably itself, such as one in an embedded database (§5.2).
 * When its replica is opened it goes on where its own store ends, instead of beginning at a
 * snapshot and applying the log behind that again. And its replica's snapshots cost next to
 * nothing: they hold no state, but say that the store holds it. Only for another replica that is
 * too far behind for the log is a snapshot written that holds the state.
 *
 * <p>Committed entries come in batches: {@link #apply} for each command in turn, then {@link
 * #commit}, which makes all changes since the one before take effect at once, together with some
 * notes of the library, as one transaction. A batch may have no commands. Answers are given to
 * clients after it.
 *
 * <p><b>What a crash may leave</b> is the state behind some commit, with the notes as they were
 * then: any commit from the last one that a {@link #sync} covers to the newest. So a commit needs
 * no sync of its own, and a database may write in the background as it likes, as long as it loses
 * only the newest commits, and each of them wholly.
 *
 * <p>Beside {@link #sync} all methods are called by one thread at a time, as those of any state
 * machine. An exception from {@link #open}, {@link #commit}, {@link #sync}, {@link #clear}, or
 * {@link #restore} stops the replica, since what the store holds is not known any more. It is not
 * called again then, until the replica is opened anew.
 *
 * <p>The store belongs to one replica, as its directory does: it is never shared, nor copied to
 * another node, nor put back from a backup alone. What doesn't fit to the log that it is opened
 * with is refused with the fault {@code STATE_MISMATCH}, or {@code LOG_REVERTED} when the log ends
 * before it.
 */
public interface DurableStateMachine extends StateMachine {
    /**
     * Goes back to the last commit that is in the store: what was applied after it is forgotten.
     * Called first, each time the replica is opened.
     *
     * @return all notes that are kept, in any order; none when the store is new, cleared, or holds
     *     only a part of a state that was being restored. In all those cases the machine is then in
     *     its first state, to which nothing was applied
     * @throws IOException when the store can't be read; the replica isn't opened
     */
    List<Note> open() throws IOException;

    /**
     * Makes everything since the last commit take effect, and puts or removes these notes with it:
     * all or nothing of that survives a crash. What was restored since counts as a change like any
     * other.
     *
     * @param notes a different key each; where there is a value under one, it is replaced
     * @throws IOException when the store can't be written
     */
    void commit(List<Note> notes) throws IOException;

    /**
     * Makes all that was committed before this call durable. Once it has returned, the log before
     * that is cut, and nothing brings it back. Called by another thread than the other methods,
     * while those may be called, since it may take long; commits that come meanwhile needn't be
     * covered.
     *
     * @throws IOException when that has failed; it is never tried again
     */
    void sync() throws IOException;

    /**
     * Goes back to the first state and forgets all notes: this replica's log was lost, and it
     * begins anew under another incarnation; or its snapshots were, and the log is applied from its
     * beginning. Followed by {@link #sync}.
     *
     * @throws IOException when the store can't be written
     */
    void clear() throws IOException;

    /**
     * {@inheritDoc}
     *
     * <p>A {@link #commit} that removes all former notes always follows, unless this throws or the
     * process ends. Until then the store must come back from a crash as it was before, or empty: a
     * machine that can't load a whole state in one transaction either loads it aside and changes
     * over in that commit, or clears its store durably before it begins.
     */
    @Override
    void restore(DataInputStream in) throws IOException;

    /**
     * {@inheritDoc}
     *
     * <p>Of this kind of machine it is called only when a replica that is far behind needs the
     * state. It holds all that was applied until now, all of which is committed, and is to be
     * quick, as a view of a database is that many versions of a row allow.
     */
    @Override
    SnapshotSource snapshot();

    /**
     * {@inheritDoc}
     *
     * <p>Its changes are seen by later calls of {@link #apply} and {@link #query}, whether they are
     * committed yet or not.
     */
    @Override
    Payload apply(Command command);
}
