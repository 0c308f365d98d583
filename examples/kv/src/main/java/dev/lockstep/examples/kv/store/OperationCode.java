package dev.lockstep.examples.kv.store;

import java.util.function.Function;

/** How the operations are told apart in the log. The codes never change. */
enum OperationCode {
    FIND(1, in -> new Read.Find(in.readKey())),
    FIND_ALL(2, in -> new Read.FindAll(in.readList(WireReader::readKey))),
    COUNT_PRESENT(3, in -> new Read.CountPresent(in.readList(WireReader::readKey))),
    LENGTH(4, in -> new Read.Length(in.readKey())),
    TYPE_OF(5, in -> new Read.TypeOf(in.readKey())),
    TIME_TO_LIVE(6, in -> new Read.TimeToLive(in.readKey(), in.readLong())),
    KEYS_MATCHING(7, in -> new Read.KeysMatching(in.readBytes())),
    SCAN(8, in -> new Read.Scan(in.readLong(), in.readLong(), in.readBytes())),
    COUNT_ALL(9, in -> new Read.CountAll()),

    SET(32, Write.Set::read),
    SET_ALL(33, in -> new Write.SetAll(in.readList(Write.Pair::read))),
    DELETE(34, in -> new Write.Delete(in.readList(WireReader::readKey))),
    ADD(35, in -> new Write.Add(in.readKey(), in.readLong())),
    APPEND(36, in -> new Write.Append(in.readKey(), in.readBytes())),
    EXPIRE(37, in -> new Write.Expire(in.readKey(), in.readLong())),
    PERSIST(38, in -> new Write.Persist(in.readKey())),
    COMPARE_AND_SET(
            39, in -> new Write.CompareAndSet(in.readKey(), in.readBytes(), in.readBytes()));

    private static final OperationCode[] BY_CODE = new OperationCode[Byte.MAX_VALUE + 1];

    static {
        for (OperationCode each : values()) {
            BY_CODE[each.code] = each;
        }
    }

    private final byte code;

    @SuppressWarnings(
            "ImmutableEnumChecker") // each is one of the functions above, which hold nothing
    private final Function<WireReader, Operation> fields;

    OperationCode(int code, Function<WireReader, Operation> fields) {
        this.code = (byte) code;
        this.fields = fields;
    }

    byte code() {
        return code;
    }

    /**
     * @throws IllegalArgumentException when no operation of this version has the code; a replica
     *     that skipped it would differ from those that know it, so it must stop there
     */
    static Operation read(WireReader in) {
        byte code = in.readByte();
        OperationCode known = code < 0 ? null : BY_CODE[code];
        if (known == null) {
            throw new IllegalArgumentException(
                    "operation " + code + " is unknown to this version of the server");
        }
        return known.fields.apply(in);
    }
}
