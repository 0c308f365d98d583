/** Peer connections over TCP with Netty, and the protobuf wire format. */
// Protobuf has a stable automatic name but no module descriptor of its own.
@SuppressWarnings("requires-automatic")
module dev.lockstep.raft.transport.netty {
    requires transitive dev.lockstep.raft.core;
    requires com.google.protobuf;
    requires io.netty.buffer;
    requires io.netty.common;
    requires io.netty.transport;
    requires io.netty.transport.classes.epoll;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.lockstep.raft.transport.netty;
}
