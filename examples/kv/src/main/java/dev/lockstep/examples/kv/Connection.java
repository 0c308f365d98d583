package dev.lockstep.examples.kv;

import dev.lockstep.examples.kv.store.Reply;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client. Its requests take effect, and are answered, in the order in which they came.
 *
 * <p>Redis clients send many requests without waiting, and rely on that order: a GET sees the SET
 * before it. Proposals that are under way at the same time may change places, when the leader
 * changes or one of them is sent again. So a connection never has two: what arrived together, up to
 * a bound, goes as one entry of the log, whose operations are applied one after the other, and what
 * arrives meanwhile waits for the next. A long pipeline costs few entries so, and a client that
 * waits for each reply loses nothing. Reads among writes go in the same entry, and see those before
 * them; a round of reads alone is one read, without the log.
 *
 * <p>All methods run on the connection's event loop.
 */
final class Connection extends SimpleChannelInboundHandler<Incoming> {
    private static final Logger log = LoggerFactory.getLogger(Connection.class);

    /** Requests that wait; while there are more bytes of them, nothing is read from the socket. */
    private static final int MAX_WAITING_BYTES = 1024 * 1024;

    private static final int MAX_ROUND_REQUESTS = 1024;

    private final CommandTable table;
    private final ReplicatedStore store;
    private final Session session;
    private final int maxRoundBytes;
    private final ArrayDeque<Incoming> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private @Nullable Round round;

    /** The decoders read on as if nothing had been; nothing of that is taken for a request. */
    private boolean broken;

    private boolean closing;

    Connection(CommandTable table, ReplicatedStore store, Session session, int maxRoundBytes) {
        this.table = table;
        this.store = store;
        this.session = session;
        this.maxRoundBytes = maxRoundBytes;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, Incoming request) {
        if (!broken) {
            waiting.add(request);
            waitingBytes += request.weightBytes();
            broken = request instanceof Incoming.Broken;
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        advance(context);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        advance(context);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        closing = true;
        waiting.clear();
    }

    /** Begins rounds until one is under way, and reads on if there is room for more. */
    private void advance(ChannelHandlerContext context) {
        while (round == null && !closing && !waiting.isEmpty() && context.channel().isWritable()) {
            Round next = nextRound();
            round = next;
            proceed(context, next, List.of());
        }
        context.flush();
        boolean hasRoom = waitingBytes < MAX_WAITING_BYTES && context.channel().isWritable();
        if (!closing && context.channel().config().isAutoRead() != hasRoom) {
            context.channel().config().setAutoRead(hasRoom);
        }
    }

    private Round nextRound() {
        Round next = new Round();
        int bytes = 0;
        while (!waiting.isEmpty() && next.size() < MAX_ROUND_REQUESTS && !next.isClosed()) {
            int weight = waiting.element().weightBytes();
            if (next.size() > 0 && bytes + weight > maxRoundBytes) {
                break;
            }
            bytes += weight;
            waitingBytes -= weight;
            next.add(stepOf(waiting.remove()));
        }
        session.facts().commands().addAndGet(next.size());
        return next;
    }

    private Step stepOf(Incoming request) {
        if (request instanceof Incoming.Asked asked) {
            return table.parse(asked.words(), session);
        }
        if (request instanceof Incoming.Refused refused) {
            return Step.refuse(refused.error());
        }
        return new Step.Close(Reply.failure(((Incoming.Broken) request).error()));
    }

    /** Writes the replies that are known by now, and asks for the others. */
    @SuppressWarnings("FutureReturnValueIgnored") // fails only when this loop has ended already
    private void proceed(ChannelHandlerContext context, Round current, List<ByteBuffer> replies) {
        ByteBuf out = context.alloc().buffer();
        current.answer(replies, out);
        send(context, out);
        if (current.isAnswered()) {
            end(context, current);
            return;
        }
        current.ask(store)
                .whenComplete(
                        (more, failure) ->
                                context.executor()
                                        .execute(
                                                () -> {
                                                    if (failure == null) {
                                                        proceed(context, current, more);
                                                    } else {
                                                        fail(context, current, failure);
                                                    }
                                                    advance(context);
                                                }));
    }

    private void fail(ChannelHandlerContext context, Round current, Throwable failure) {
        ByteBuf out = context.alloc().buffer();
        current.fail(ErrorTexts.of(failure), out);
        send(context, out);
        end(context, current);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the listener gets it
    private void end(ChannelHandlerContext context, Round current) {
        round = null;
        if (current.endsConnection()) {
            closing = true;
            waiting.clear();
            context.writeAndFlush(context.alloc().buffer(0))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a failed write comes as exceptionCaught
    private static void send(ChannelHandlerContext context, ByteBuf out) {
        if (out.isReadable()) {
            context.write(out, context.voidPromise());
        } else {
            out.release();
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // there is nobody left to tell
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (closing) {
            return;
        }
        if (cause instanceof DecoderException && cause.getCause() != null) {
            channelRead0(
                    context,
                    new Incoming.Broken("ERR Protocol error: " + cause.getCause().getMessage()));
            advance(context);
            return;
        }
        if (!(cause instanceof IOException)) {
            log.warn("connection of client {} failed and is closed", session.id(), cause);
        }
        context.close();
    }
}
