package dev.lockstep.raft.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a connection's bytes into frames: an unsigned 32-bit big-endian length, then so many bytes.
 * Each frame becomes an array of its own, with one copy, however the bytes arrived.
 */
abstract class FrameReader extends ChannelInboundHandlerAdapter {
    private final byte[] prefix;
    private int prefixSeen;
    private int header;
    private int headerSeen;
    private byte @Nullable [] body;
    private int bodySeen;
    private int maxBytes;
    private boolean stopped;

    /**
     * @param prefix what must come before the first frame
     * @param maxBytes the largest frame that is taken
     */
    FrameReader(byte[] prefix, int maxBytes) {
        this.prefix = prefix;
        this.maxBytes = maxBytes;
    }

    /** One whole frame, without its length; the array is the callee's. */
    abstract void frame(ChannelHandlerContext ctx, byte[] frame);

    /** The bytes are no frame, or the prefix is another one; {@link #stop} must be called. */
    abstract void malformed(ChannelHandlerContext ctx, String why);

    /** A frame of a length beyond the limit was announced; {@link #stop} must be called. */
    abstract void oversize(ChannelHandlerContext ctx, long length, int limit);

    final void raiseLimit(int bytes) {
        maxBytes = bytes;
    }

    /** Ignores everything that comes from now on. */
    final void stop() {
        stopped = true;
        body = null;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            while (!stopped && in.isReadable()) {
                if (prefixSeen < prefix.length) {
                    readPrefix(ctx, in);
                } else if (body == null) {
                    readHeader(ctx, in);
                } else {
                    readBody(ctx, in, body);
                }
            }
        } finally {
            in.release();
        }
    }

    private void readPrefix(ChannelHandlerContext ctx, ByteBuf in) {
        if (in.readByte() != prefix[prefixSeen++]) {
            malformed(ctx, "it doesn't begin as a Lockstep connection does");
        }
    }

    private void readHeader(ChannelHandlerContext ctx, ByteBuf in) {
        if (headerSeen == 0 && in.readableBytes() >= Integer.BYTES) {
            header = in.readInt();
            headerSeen = Integer.BYTES;
        } else {
            header = header << 8 | in.readUnsignedByte();
            headerSeen++;
        }
        if (headerSeen < Integer.BYTES) {
            return;
        }
        headerSeen = 0;
        long length = Integer.toUnsignedLong(header);
        if (length == 0) {
            malformed(ctx, "a frame of no bytes");
        } else if (length > maxBytes) {
            oversize(ctx, length, maxBytes);
        } else {
            body = new byte[(int) length];
            bodySeen = 0;
        }
    }

    private void readBody(ChannelHandlerContext ctx, ByteBuf in, byte[] frame) {
        int size = Math.min(in.readableBytes(), frame.length - bodySeen);
        in.readBytes(frame, bodySeen, size);
        bodySeen += size;
        if (bodySeen == frame.length) {
            body = null;
            frame(ctx, frame);
        }
    }
}
