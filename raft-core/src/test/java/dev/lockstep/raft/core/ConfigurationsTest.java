package dev.lockstep.raft.core;

import static dev.lockstep.raft.core.CoreProbe.configuration;
import static dev.lockstep.raft.core.CoreProbe.id;
import static dev.lockstep.raft.core.CoreProbe.members;
import static dev.lockstep.raft.core.CoreProbe.witness;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.Membership;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which configuration is in force where. */
class ConfigurationsTest {
    private final Configurations configurations = new Configurations();

    /** As many voters as nothing else has. */
    private static Membership membership(long index) {
        return Membership.ofVoters(members((int) index + 1));
    }

    private static Entry entry(long index) {
        return configuration(1, index, membership(index));
    }

    private void begin(long first, long... others) {
        configurations.begin(first, membership(first));
        for (long index : others) {
            configurations.appended(entry(index));
        }
    }

    private void assertInForce(long at, long index) {
        assertThat(configurations.at(at))
                .as("in force at %s", at)
                .isEqualTo(new Configurations.At(index, membership(index)));
    }

    @Test
    void eachIsInForceFromItsEntryToTheNext() {
        begin(0, 5, 9);
        assertInForce(0, 0);
        assertInForce(4, 0);
        assertInForce(5, 5);
        assertInForce(8, 5);
        assertInForce(9, 9);
        assertInForce(30, 9);
        assertThat(configurations.current().index()).isEqualTo(9);
    }

    @Test
    void whoIsLeftOutMayCampaignUntilThatIsCommitted() {
        configurations.begin(0, Membership.ofVoters(List.of(id(1), id(2), witness(3))));
        configurations.appended(configuration(1, 5, Membership.ofVoters(List.of(id(2)))));
        assertThat(configurations.mayCampaign(id(1), 4)).isTrue();
        assertThat(configurations.mayCampaign(id(1), 5)).isFalse();
        assertThat(configurations.mayCampaign(witness(3), 4)).isFalse();
        assertThat(configurations.mayCampaign(id(2), 5)).isTrue();
    }

    @Test
    void aRepairedOneIsInForceWhereItsEntryIs() {
        begin(0, 9);
        long changes = configurations.changes();
        configurations.repaired(entry(5));
        assertInForce(4, 0);
        assertInForce(5, 5);
        assertInForce(8, 5);
        assertInForce(9, 9);
        assertThat(configurations.changes()).isGreaterThan(changes);
        configurations.repaired(entry(12));
        assertThat(configurations.current().index()).isEqualTo(12);
    }

    @Test
    void oneThatIsKnownIsNotRepaired() {
        begin(0, 5, 9);
        long changes = configurations.changes();
        configurations.repaired(entry(5));
        configurations.repaired(entry(9));
        assertThat(configurations.changes()).isEqualTo(changes);
    }

    @Test
    void oneThatASnapshotsStandsForIsNotRepaired() {
        begin(10);
        long changes = configurations.changes();
        configurations.repaired(entry(5));
        assertThat(configurations.changes()).isEqualTo(changes);
        assertInForce(10, 10);
    }

    @Test
    void oneThatLeavesTheLogGivesWayToTheOneBefore() {
        begin(0, 5, 9);
        long changes = configurations.changes();
        configurations.truncatedFrom(10);
        assertThat(configurations.changes()).isEqualTo(changes);
        configurations.truncatedFrom(9);
        assertThat(configurations.current().index()).isEqualTo(5);
        assertThat(configurations.changes()).isGreaterThan(changes);
    }

    @Test
    void theOneInForceWhereALogBeginsIsNotForgotten() {
        begin(0, 5, 9);
        configurations.forgetBefore(4);
        assertInForce(4, 0);
        configurations.forgetBefore(7);
        assertInForce(7, 5);
        configurations.forgetBefore(20);
        assertInForce(20, 9);
    }

    @Test
    void aSnapshotsConfigurationTakesThePlaceOfThoseBeforeItAndWithoutARestOfAll() {
        begin(0, 5, 9);
        long changes = configurations.changes();
        configurations.restartAt(6, membership(6), true);
        assertInForce(6, 6);
        assertInForce(9, 9);
        assertThat(configurations.changes()).isGreaterThan(changes);
        changes = configurations.changes();
        configurations.restartAt(7, membership(7), false);
        assertInForce(20, 7);
        assertThat(configurations.changes()).isGreaterThan(changes);
    }
}
