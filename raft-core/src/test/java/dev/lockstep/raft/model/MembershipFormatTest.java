package dev.lockstep.raft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MembershipFormatTest {
    private static final Membership SAMPLE =
            new Membership(
                    List.of(replica("a"), replica("b")),
                    List.of(replica("a"), replica("c")),
                    List.of(replica("c"), replica("dd")),
                    List.of(replica("dd")));

    private static ReplicaId replica(String node) {
        return new ReplicaId(NodeId.of(node), new UUID(node.hashCode(), 7));
    }

    @Test
    void whatIsWrittenIsRead() {
        assertThat(MembershipFormat.decode(MembershipFormat.encode(SAMPLE))).isEqualTo(SAMPLE);
    }

    @Test
    void aMembershipThatIsCutShortAnywhereIsRefused() {
        byte[] whole = MembershipFormat.encode(SAMPLE).toByteArray();
        for (int size = 0; size < whole.length; size++) {
            Payload cut = Payload.wrap(whole, 0, size);
            assertThatIllegalArgumentException().isThrownBy(() -> MembershipFormat.decode(cut));
        }
    }

    @Test
    void bytesBehindItAndOtherFormatsAreRefused() {
        byte[] whole = MembershipFormat.encode(SAMPLE).toByteArray();
        byte[] longer = java.util.Arrays.copyOf(whole, whole.length + 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MembershipFormat.decode(Payload.wrap(longer)))
                .withMessageContaining("follow");
        whole[0] = 2;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MembershipFormat.decode(Payload.wrap(whole)))
                .withMessageContaining("format 2");
    }
}
