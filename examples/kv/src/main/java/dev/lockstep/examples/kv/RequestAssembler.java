package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.store.KvStore;
import dev.lockstep.raft.model.Payload;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToMessageDecoder;
import io.netty.handler.codec.redis.ArrayHeaderRedisMessage;
import io.netty.handler.codec.redis.BulkStringHeaderRedisMessage;
import io.netty.handler.codec.redis.BulkStringRedisContent;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import io.netty.handler.codec.redis.InlineCommandRedisMessage;
import io.netty.handler.codec.redis.LastBulkStringRedisContent;
import io.netty.handler.codec.redis.RedisMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes requests of what Netty's Redis decoder reads.
 *
 * <p>Netty's own aggregators fail on a request that is too large, and the connection with it. Here
 * its bytes are dropped as they come, it gets its error, and the connection goes on.
 */
final class RequestAssembler extends MessageToMessageDecoder<RedisMessage> {
    /** As many words as Redis takes. */
    private static final int MAX_WORDS = 1024 * 1024;

    private static final byte[] NO_WORD = {};

    private final int maxRequestBytes;
    private final List<Payload> words = new ArrayList<>();
    private long missingWords;
    private long requestBytes;
    private @Nullable String refusal;
    private byte[] word = NO_WORD;
    private int wordBytes;
    private boolean broken;

    RequestAssembler(int maxRequestBytes) {
        this.maxRequestBytes = maxRequestBytes;
    }

    @Override
    protected void decode(ChannelHandlerContext context, RedisMessage message, List<Object> out) {
        if (broken) {
            return;
        }
        if (message instanceof FullBulkStringRedisMessage whole) {
            wholeWord(whole, out);
        } else if (message instanceof BulkStringRedisContent part) {
            partOfWord(part.content());
            if (part instanceof LastBulkStringRedisContent) {
                endWord(out);
            }
        } else if (message instanceof BulkStringHeaderRedisMessage header && missingWords > 0) {
            beginWord(header.bulkStringLength());
        } else if (message instanceof ArrayHeaderRedisMessage header && missingWords == 0) {
            begin(header.length(), out);
        } else if (message instanceof InlineCommandRedisMessage line && missingWords == 0) {
            inline(line.content(), out);
        } else {
            breakOff("expected '" + (missingWords > 0 ? '$' : '*') + "'", out);
        }
    }

    private void begin(long count, List<Object> out) {
        if (count > MAX_WORDS) {
            breakOff("invalid multibulk length", out);
        } else if (count > 0) { // Redis answers nothing to an empty request
            missingWords = count;
            requestBytes = 0;
            refusal = null;
            words.clear();
        }
    }

    private void beginWord(int length) {
        requestBytes += length + (long) Words.WORD_BYTES;
        if (refusal == null && length > KvStore.MAX_VALUE_BYTES) {
            refusal = KvStore.TOO_LONG;
        } else if (refusal == null && requestBytes > maxRequestBytes) {
            refusal = "ERR request exceeds maximum allowed size (" + maxRequestBytes + " bytes)";
        }
        if (refusal != null) {
            words.clear();
        }
        word = refusal == null ? new byte[length] : NO_WORD;
        wordBytes = 0;
    }

    private void partOfWord(ByteBuf part) {
        if (refusal == null) {
            int length = part.readableBytes();
            part.getBytes(part.readerIndex(), word, wordBytes, length);
            wordBytes += length;
        }
    }

    private void wholeWord(FullBulkStringRedisMessage whole, List<Object> out) {
        if (whole.isNull() || missingWords == 0) {
            breakOff(whole.isNull() ? "invalid bulk length" : "expected '*'", out);
            return;
        }
        beginWord(whole.content().readableBytes());
        partOfWord(whole.content());
        endWord(out);
    }

    private void endWord(List<Object> out) {
        if (refusal == null) {
            words.add(Payload.wrap(word));
        }
        word = NO_WORD;
        missingWords--;
        if (missingWords == 0) {
            out.add(
                    refusal == null
                            ? new Incoming.Asked(new Words(words))
                            : new Incoming.Refused(refusal));
            words.clear();
        }
    }

    private void inline(String line, List<Object> out) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        List<Payload> split = InlineWords.split(new String(bytes, StandardCharsets.ISO_8859_1));
        if (split == null) {
            breakOff("unbalanced quotes in request", out);
        } else if (!split.isEmpty()) {
            out.add(new Incoming.Asked(new Words(split)));
        }
    }

    private void breakOff(String what, List<Object> out) {
        broken = true;
        words.clear();
        out.add(new Incoming.Broken("ERR Protocol error: " + what));
    }
}
