package dev.lockstep.raft.testkit.explore;

import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import java.util.function.IntPredicate;

/** What holds of witnesses beside all that holds of any voter. */
final class PromisedOfWitnesses {
    private final Cast cast;

    PromisedOfWitnesses(Cast cast) {
        this.cast = cast;
    }

    /** A witness keeps positions, anybody else whole entries; and a witness doesn't lead. */
    void holdsItsKind(ServerState server) {
        boolean witness = cast.isWitness(server.server());
        if (witness && server.leads()) {
            throw new Violation(cast.id(server.server()) + " is a witness and leads");
        }
        for (int number : server.log()) {
            Entry entry = cast.entry(number);
            if (entry.kind() != EntryKind.CONFIGURATION && Cast.isPosition(entry) != witness) {
                throw new Violation(
                        cast.id(server.server())
                                + (witness ? ", a witness," : ", no witness,")
                                + " holds "
                                + entry);
            }
        }
    }

    /**
     * What a witness is told is on the disks of a quorum of full replicas; or, where the leader
     * says that it runs on the witness, its own among them, of so many that the witnesses complete
     * one. Else the position could block every election, with its entry on no disk that is left.
     */
    void told(ServerState leader, ServerState[] servers, Outcome outcome) {
        for (int sent : outcome.sent()) {
            Cast.Flight flight = cast.flight(sent);
            if (cast.isWitness(flight.to()) && flight.message() instanceof AppendEntries append) {
                for (Entry entry : append.entries()) {
                    told(leader, servers, entry);
                }
            }
        }
    }

    private void told(ServerState leader, ServerState[] servers, Entry entry) {
        int index = (int) entry.index();
        IntPredicate holds =
                server ->
                        !cast.isWitness(server)
                                && servers[server].durable().length >= index
                                && cast.isSame(
                                        servers[server].durable()[index - 1],
                                        leader.log()[index - 1]);
        boolean enough =
                leader.configuration().isQuorum(holds)
                        || leader.runsOnWitness()
                                && holds.test(leader.server())
                                && leader.configuration()
                                        .isQuorum(i -> cast.isWitness(i) || holds.test(i));
        if (!enough) {
            throw new Violation(
                    "a witness is told "
                            + entry.position()
                            + " by "
                            + cast.id(leader.server())
                            + (leader.runsOnWitness() ? ", which runs" : ", which doesn't run")
                            + " on it, and too few full disks hold the entry");
        }
    }
}
