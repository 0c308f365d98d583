package dev.lockstep.raft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class ValuesTest {
    private static ReplicaId replica(String node, long incarnation) {
        return new ReplicaId(NodeId.of(node), new UUID(0, incarnation));
    }

    // ---- names ----

    @Test
    void namesAreCheckedAndTheErrorSaysWhatAndWhere() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeId.of(""))
                .withMessage("node id must have 1 to 64 characters, has 0: ''");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GroupId.of("x".repeat(65)))
                .withMessageStartingWith("group id must have 1 to 64 characters, has 65: 'xxx");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ClusterId("a/b"))
                .withMessage("cluster id may hold A-Z a-z 0-9 . _ - only, has '/' at 1: 'a/b'");
        assertThatIllegalArgumentException().isThrownBy(() -> NodeId.of("ä"));
        assertThat(NodeId.of("A-z_0.9")).hasToString("A-z_0.9");
        assertThat(GroupId.of("x".repeat(64)).name()).hasSize(64);
    }

    @Test
    void groupKeysAreTheSameForever() {
        // Written to disks and wires: these values never change.
        assertThat(Long.toHexString(GroupId.of("counter").key())).isEqualTo("1065f1c71d275ad8");
        assertThat(Long.toHexString(GroupId.of("kv").key())).isEqualTo("7dc4ca58812cca53");
        assertThat(Long.toHexString(GroupId.of("a").key())).isEqualTo("2c0bdbf481420f8");
    }

    // ---- positions, entries, hard state ----

    @Test
    void positionsAreOrderedByTermThenIndex() {
        assertThat(new LogPosition(2, 1)).isGreaterThan(new LogPosition(1, 9));
        assertThat(new LogPosition(2, 3)).isGreaterThan(new LogPosition(2, 2));
        assertThat(new LogPosition(2, 3)).isEqualByComparingTo(new LogPosition(2, 3));
        assertThat(LogPosition.ZERO).isLessThan(new LogPosition(1, 1)).hasToString("0:0");
    }

    @Test
    void noPositionHasATermWithoutAnIndexOrTheReverse() {
        for (long[] bad : new long[][] {{0, 1}, {1, 0}, {-1, 1}, {1, -1}, {-1, -1}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new LogPosition(bad[0], bad[1]))
                    .withMessage("no log has a position with term %s and index %s", bad[0], bad[1]);
        }
    }

    @Test
    void anEntryHasAPlace() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Entry(0, 1, EntryKind.COMMAND, 0, Payload.EMPTY))
                .withMessageContaining("0:1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Entry(1, 0, EntryKind.COMMAND, 0, Payload.EMPTY));
        Entry entry = new Entry(3, 7, EntryKind.COMMAND, 5, Payload.of("abc"));
        assertThat(entry.position()).isEqualTo(new LogPosition(3, 7));
        assertThat(entry.weightBytes()).isEqualTo(Entry.OVERHEAD_BYTES + 3);
        assertThat(entry).hasToString("COMMAND@3:7[3: 616263]");
    }

    @Test
    void entryKindsKeepTheirCodes() {
        assertThat(EntryKind.COMMAND.code()).isEqualTo((byte) 1);
        assertThat(EntryKind.NO_OP.code()).isEqualTo((byte) 2);
        assertThat(EntryKind.CONFIGURATION.code()).isEqualTo((byte) 3);
        assertThat(EntryKind.SESSION.code()).isEqualTo((byte) 4);
        assertThat(EntryKind.SESSION_COMMAND.code()).isEqualTo((byte) 5);
        assertThat(EntryKind.COMPARE_STATE.code()).isEqualTo((byte) 6);
        assertThat(EntryKind.POSITION.code()).isEqualTo((byte) 7);
        for (EntryKind kind : EntryKind.values()) {
            assertThat(EntryKind.ofCode(kind.code())).isEqualTo(kind);
        }
        for (int unknown : new int[] {-1, 0, 8, 255}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EntryKind.ofCode(unknown))
                    .withMessage("entry kind " + unknown + " is unknown to this version");
        }
    }

    @Test
    void hardStateKnowsWhomItMayVoteFor() {
        ReplicaId a = replica("a", 1);
        HardState voted = new HardState(3, a);
        assertThat(new HardState(3, null).mayVoteFor(a)).isTrue();
        assertThat(voted.mayVoteFor(a)).isTrue();
        assertThat(voted.mayVoteFor(replica("b", 1))).isFalse();
        assertThat(voted.mayVoteFor(replica("a", 2))).as("another incarnation").isFalse();
        assertThat(voted.withTerm(4)).isEqualTo(new HardState(4, null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> voted.withTerm(3))
                .withMessage("term would go from 3 to 3");
        assertThatIllegalArgumentException().isThrownBy(() -> new HardState(-1, null));
        assertThatIllegalArgumentException().isThrownBy(() -> new HardState(0, a));
    }

    // ---- payloads ----

    @Test
    void payloadsAreEqualWhenTheirBytesAre() {
        byte[] shared = {9, 1, 2, 3, 9};
        Payload part = Payload.wrap(shared, 1, 3);
        Payload whole = Payload.copyOf(new byte[] {1, 2, 3});
        assertThat(part).isEqualTo(whole).hasSameHashCodeAs(whole);
        assertThat(part).isNotEqualTo(Payload.wrap(shared, 0, 3)).isNotEqualTo("123");
        assertThat(Payload.wrap(shared, 2, 0)).isSameAs(Payload.EMPTY);
        assertThat(Payload.wrap(new byte[0])).isSameAs(Payload.EMPTY);
        assertThat(part).hasToString("[3: 010203]");
        assertThat(Payload.wrap(new byte[20]).toString()).startsWith("[20: 00").endsWith("…]");
    }

    @Test
    void aCopyIsNotChangedThroughItsSource() {
        byte[] source = {1, 2};
        Payload copy = Payload.copyOf(source);
        source[0] = 9;
        assertThat(copy.byteAt(0)).isEqualTo((byte) 1);
        copy.toByteArray()[0] = 9;
        assertThat(copy.byteAt(0)).isEqualTo((byte) 1);
    }

    @Test
    void longsAndTextsComeBack() {
        for (long value : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThat(Payload.of(value).asLong()).isEqualTo(value);
        }
        assertThat(Payload.of(1).toByteArray()).containsExactly(0, 0, 0, 0, 0, 0, 0, 1);
        assertThat(Payload.of("grüße").asString()).isEqualTo("grüße");
        assertThatThrownBy(() -> Payload.of("abc").asLong())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a long has 8 bytes, this payload 3");
    }

    @Test
    void aPayloadShowsNoByteOutsideOfIt() {
        byte[] shared = {9, 1, 2, 3, 9};
        Payload part = Payload.wrap(shared, 1, 3);
        assertThat(part.size()).isEqualTo(3);
        for (int at : new int[] {-1, 3, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> part.byteAt(at)).isInstanceOf(IndexOutOfBoundsException.class);
        }
        for (int[] bad : new int[][] {{-1, 1}, {0, -1}, {5, 1}, {3, 3}, {1, Integer.MAX_VALUE}}) {
            assertThatThrownBy(() -> Payload.wrap(shared, bad[0], bad[1]))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> part.writeTo(ByteBuffer.allocate(99), 0, bad[0], bad[1]))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
        ByteBuffer view = part.asByteBuffer();
        assertThat(view.position()).isZero();
        assertThat(view.capacity()).isEqualTo(3);
        assertThatThrownBy(() -> view.put(0, (byte) 7)).isInstanceOf(ReadOnlyBufferException.class);
    }

    @Test
    void writesAllOrAPartAndSumsTheSame() {
        Payload part = Payload.wrap(new byte[] {9, 1, 2, 3, 9}, 1, 3);
        ByteBuffer target = ByteBuffer.allocate(5);
        part.writeTo(target);
        part.writeTo(target, 3, 1, 2);
        assertThat(target.position()).isEqualTo(3);
        assertThat(target.array()).containsExactly(1, 2, 3, 2, 3);
        CRC32C one = new CRC32C();
        part.addTo(one);
        CRC32C other = new CRC32C();
        other.update(new byte[] {1, 2, 3});
        assertThat(one.getValue()).isEqualTo(other.getValue());
    }

    // ---- membership ----

    @Test
    void aMembershipIsSortedAndEqualWhateverTheOrder() {
        Membership one = Membership.ofVoters(List.of(replica("b", 1), replica("a", 1)));
        Membership other = Membership.ofVoters(List.of(replica("a", 1), replica("b", 1)));
        assertThat(one).isEqualTo(other);
        assertThat(one.voters()).containsExactly(replica("a", 1), replica("b", 1));
        assertThat(one.isJoint()).isFalse();
    }

    @Test
    void nobodyHasTwoPartsInAMembership() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Membership.ofVoters(List.of()))
                .withMessage("a membership needs at least one voter");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Membership.ofVoters(List.of(replica("a", 1), replica("a", 2))))
                .withMessage("voter a is named twice");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new Membership(
                                        List.of(replica("a", 1)),
                                        List.of(),
                                        List.of(replica("a", 2))))
                .withMessage("a is named as voter and as learner");
    }

    @Test
    void aMembershipKnowsItsMembersByIncarnation() {
        Membership joint =
                new Membership(
                        List.of(replica("a", 1), replica("b", 1)),
                        List.of(replica("b", 1), replica("c", 1)),
                        List.of(replica("d", 1)));
        assertThat(joint.isJoint()).isTrue();
        assertThat(joint.isVoter(replica("c", 1))).isTrue();
        assertThat(joint.isVoter(replica("c", 2))).isFalse();
        assertThat(joint.isVoter(replica("d", 1))).isFalse();
        assertThat(joint.contains(replica("d", 1))).isTrue();
        assertThat(joint.replicas()).hasSize(4).isSorted();
        assertThat(joint.on(NodeId.of("c"))).isEqualTo(replica("c", 1));
        assertThat(joint.on(NodeId.of("d"))).isEqualTo(replica("d", 1));
        assertThat(joint.on(NodeId.of("e"))).isNull();
    }

    @Test
    void foundingsAreTheSameCompleteOrNot() {
        Membership members = Membership.ofVoters(List.of(replica("a", 1)));
        Founding begun = new Founding(new UUID(1, 1), members, false);
        assertThat(begun.sameAs(begun.completed())).isTrue();
        assertThat(begun.completed().complete()).isTrue();
        assertThat(begun.sameAs(new Founding(new UUID(1, 2), members, false))).isFalse();
    }

    // ---- addresses ----

    @Test
    void addressesAreReadAndShownAlike() {
        for (String text : List.of("n1=127.0.0.1:7001", "n1=host.example:1", "n1=[::1]:65535")) {
            assertThat(PeerAddress.parse(text)).hasToString(text);
        }
        assertThat(PeerAddress.parse("n1=[::1]:7001").host()).isEqualTo("::1");
    }

    @Test
    void badAddressesAreRefusedWithTheirText() {
        for (String bad : List.of("", "n1", "n1=", "n1=host", "=host:1", "host:1", "n1:1=h")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PeerAddress.parse(bad))
                    .withMessage("a peer is written as node=host:port, not '" + bad + "'");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PeerAddress.parse("n1=host:x"))
                .withMessage("the port in 'n1=host:x' is not a number");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PeerAddress.parse("n1=:7001"))
                .withMessage("the address of n1 has no host");
        for (String port : List.of("0", "65536", "-1")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PeerAddress.parse("n1=host:" + port))
                    .withMessage("the port of n1 must be 1 to 65535: " + port);
        }
    }

    // ---- options ----

    @Test
    void theDefaultsAreValidAndWithChangesOnlyWhatIsNamed() {
        RaftOptions defaults = RaftOptions.defaults();
        assertThat(defaults.with().build()).isEqualTo(defaults);
        RaftOptions changed = defaults.with().cacheBytes(0).build();
        assertThat(changed.cacheBytes()).isZero();
        assertThat(changed.with().cacheBytes(defaults.cacheBytes()).build()).isEqualTo(defaults);
        RaftOptions quick = defaults.with().electionTimeout(Duration.ofMillis(300)).build();
        assertThat(quick.heartbeatInterval()).isEqualTo(Duration.ofMillis(30));
    }

    @Test
    void everyOptionOutOfBoundsIsNamed() {
        RaftOptions.Builder with = RaftOptions.defaults().with();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> with.electionTimeout(Duration.ofMillis(9)).build())
                .withMessage("electionTimeout must be at least PT0.01S: PT0.009S");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                RaftOptions.defaults()
                                        .with()
                                        .heartbeatInterval(Duration.ofMillis(334))
                                        .build())
                .withMessageContaining("at most a third of electionTimeout (PT1S)");
        check("proposalTimeout", b -> b.proposalTimeout(Duration.ZERO));
        Duration tooLong = Duration.ofDays(36_501); // its nanoseconds would soon fit no long
        check("electionTimeout", b -> b.electionTimeout(tooLong));
        check("proposalTimeout", b -> b.proposalTimeout(tooLong));
        check("sessionTimeout", b -> b.sessionTimeout(tooLong));
        check("maxPayloadBytes", b -> b.maxPayloadBytes(0));
        check("maxPayloadBytes", b -> b.maxPayloadBytes((64 << 20) + 1));
        check("maxAppendBytes", b -> b.maxAppendBytes(0));
        check("maxAppendBytes", b -> b.maxAppendBytes((64 << 20) + 1));
        check("maxInflightMessages", b -> b.maxInflightMessages(0));
        check("maxInflightBytes", b -> b.maxInflightBytes(0));
        check("maxUncommittedBytes", b -> b.maxUncommittedBytes(0));
        check("maxUnappliedBytes", b -> b.maxUnappliedBytes(0));
        check("maxApplyingBytes", b -> b.maxApplyingBytes(0));
        check("cacheBytes", b -> b.cacheBytes(-1));
        check("maxPendingBytes", b -> b.maxPendingBytes(0));
    }

    private static void check(String option, UnaryOperator<RaftOptions.Builder> change) {
        RaftOptions.Builder changed = change.apply(RaftOptions.defaults().with());
        assertThatIllegalArgumentException()
                .isThrownBy(changed::build)
                .withMessageStartingWith(option + " must be at ");
    }
}
