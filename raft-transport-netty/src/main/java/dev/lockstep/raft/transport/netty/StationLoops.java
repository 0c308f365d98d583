package dev.lockstep.raft.transport.netty;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * The one loop of a station. While there is always another task it looks at its sockets ten times a
 * second at least: by default that is once a second, as long as an election timeout.
 */
final class StationLoops extends MultiThreadIoEventLoopGroup {
    private static final long TASKS_MILLIS = 100;

    StationLoops(ThreadFactory threads, IoHandlerFactory handlers) {
        super(1, threads, handlers);
    }

    @Override
    protected IoEventLoop newChild(Executor executor, IoHandlerFactory handlers, Object... unused) {
        return new SingleThreadIoEventLoop(
                this,
                executor,
                handlers,
                Integer.MAX_VALUE,
                RejectedExecutionHandlers.reject(),
                TASKS_MILLIS);
    }
}
