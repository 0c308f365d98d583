package dev.lockstep.examples.kv.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.raft.model.Payload;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RequestTest {
    @ParameterizedTest
    @EnumSource
    void everyOperationIsReadAsItWasWritten(OperationCode code) {
        Random random = new Random(1);
        for (int i = 0; i < 50; i++) {
            Request batch = new Request.Batch(List.of(RandomOperations.one(random, code)));
            assertThat(Request.read(batch.toPayload())).isEqualTo(batch);
        }
    }

    @Test
    void questionsAreReadAsTheyWereWritten() {
        Request look = new Request.Look(42, List.of(Fixture.get("a"), new Read.CountAll()));
        assertThat(Request.read(look.toPayload())).isEqualTo(look);
        assertThat(Request.read(new Request.Tick().toPayload())).isEqualTo(new Request.Tick());
        assertThat(Request.read(new Request.Fingerprint().toPayload()))
                .isEqualTo(new Request.Fingerprint());
    }

    /** The log of a running cluster holds these bytes; a change needs a new format version. */
    @Test
    void theBytesInTheLogStayAsTheyAre() {
        Request batch =
                new Request.Batch(
                        List.of(
                                new Write.Set(
                                        Key.of("k"),
                                        Payload.of("v"),
                                        Condition.IF_ABSENT,
                                        5,
                                        SetAnswer.COUNT),
                                new Write.Add(Key.of("n"), -1),
                                new Write.SetAll(
                                        List.of(new Write.Pair(Key.of("a"), Payload.of("b")))),
                                new Read.Scan(7, 10, Payload.of("*"))));
        assertThat(HexFormat.of().formatHex(batch.toPayload().toByteArray()))
                .isEqualTo(
                        "01"
                                + "01"
                                + "00000004"
                                + "20"
                                + "000000016b"
                                + "0000000176"
                                + "01"
                                + "0000000000000005"
                                + "02"
                                + "23"
                                + "000000016e"
                                + "ffffffffffffffff"
                                + "21"
                                + "00000001"
                                + "0000000161"
                                + "0000000162"
                                + "08"
                                + "0000000000000007"
                                + "000000000000000a"
                                + "000000012a");
        assertThat(HexFormat.of().formatHex(new Request.Tick().toPayload().toByteArray()))
                .isEqualTo("0102");
    }

    @ParameterizedTest
    @CsvSource({
        "FIND,1",
        "FIND_ALL,2",
        "COUNT_PRESENT,3",
        "LENGTH,4",
        "TYPE_OF,5",
        "TIME_TO_LIVE,6",
        "KEYS_MATCHING,7",
        "SCAN,8",
        "COUNT_ALL,9",
        "SET,32",
        "SET_ALL,33",
        "DELETE,34",
        "ADD,35",
        "APPEND,36",
        "EXPIRE,37",
        "PERSIST,38",
        "COMPARE_AND_SET,39"
    })
    void theCodesStayAsTheyAre(OperationCode operation, byte code) {
        assertThat(operation.code()).isEqualTo(code);
    }
}
