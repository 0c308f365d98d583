package dev.lockstep.raft.transport.netty;

import static com.google.protobuf.WireFormat.WIRETYPE_LENGTH_DELIMITED;
import static com.google.protobuf.WireFormat.WIRETYPE_VARINT;

import com.google.protobuf.CodedInputStream;
import dev.lockstep.raft.message.AppendEntries;
import dev.lockstep.raft.model.Entry;
import dev.lockstep.raft.model.EntryKind;
import dev.lockstep.raft.model.LogPosition;
import dev.lockstep.raft.model.Payload;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The one message that carries entries. */
final class AppendEntriesFormat implements MessageFormat<AppendEntries> {
    private static final int ENTRIES = 5;
    private static final int ENTRIES_TAG = ENTRIES << 3 | WIRETYPE_LENGTH_DELIMITED;

    private final FieldSizes entrySize = new FieldSizes();
    private final Fields entryFields =
            new Fields(
                    WIRETYPE_VARINT,
                    WIRETYPE_VARINT,
                    WIRETYPE_VARINT,
                    WIRETYPE_VARINT,
                    WIRETYPE_LENGTH_DELIMITED);

    @Override
    public void write(AppendEntries message, FieldSink out) {
        out.varint(1, message.term());
        out.varint(2, message.previous().term());
        out.varint(3, message.previous().index());
        out.varint(4, message.commit());
        List<Entry> entries = message.entries();
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            entrySize.reset();
            writeEntry(entry, entrySize);
            out.nested(ENTRIES, Math.toIntExact(entrySize.size()));
            writeEntry(entry, out);
        }
    }

    static void writeEntry(Entry entry, FieldSink out) {
        out.varint(1, entry.term());
        out.varint(2, entry.index());
        out.varint(3, entry.kind().code());
        out.varint(4, entry.timestampMillis());
        out.payload(5, entry.payload());
    }

    @Override
    public AppendEntries read(CodedInputStream in, byte[] frame) throws IOException {
        long term = 0;
        long previousTerm = 0;
        long previousIndex = 0;
        long commit = 0;
        List<Entry> entries = List.of();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case 1 << 3 -> term = in.readRawVarint64();
                case 2 << 3 -> previousTerm = in.readRawVarint64();
                case 3 << 3 -> previousIndex = in.readRawVarint64();
                case 4 << 3 -> commit = in.readRawVarint64();
                case ENTRIES_TAG -> entries = with(entries, readEntry(in, frame));
                default -> in.skipField(tag);
            }
        }
        return new AppendEntries(term, position(previousTerm, previousIndex), entries, commit);
    }

    /** Most appends bring one entry, and need no list that can grow. */
    private static List<Entry> with(List<Entry> entries, Entry next) {
        if (entries.isEmpty()) {
            return List.of(next);
        }
        List<Entry> grown = entries.size() == 1 ? new ArrayList<>(entries) : entries;
        grown.add(next);
        return grown;
    }

    private Entry readEntry(CodedInputStream in, byte[] frame) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        entryFields.read(in, frame);
        in.popLimit(outer);
        Payload payload = entryFields.payload();
        return new Entry(
                entryFields.number(1),
                entryFields.number(2),
                kind(entryFields.number(3)),
                entryFields.number(4),
                payload);
    }

    static EntryKind kind(long code) throws UnknownContent {
        try {
            return EntryKind.ofCode(Math.toIntExact(code));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new UnknownContent("an entry of kind " + code);
        }
    }

    /**
     * {@link LogPosition#ZERO} itself where it is meant, since that is what every first append
     * names.
     */
    static LogPosition position(long term, long index) {
        return term == 0 && index == 0 ? LogPosition.ZERO : new LogPosition(term, index);
    }
}
