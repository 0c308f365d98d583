package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.HostIdentity;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;

/** The other end of a connection as a plain socket, which can say anything. */
final class RawPeer implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;

    RawPeer(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(10_000);
        this.in = new DataInputStream(socket.getInputStream());
    }

    static RawPeer dial(InetSocketAddress address) throws IOException {
        return new RawPeer(new Socket(address.getAddress(), address.getPort()));
    }

    /** Dials and finishes the handshake. */
    static RawPeer greet(TestHost host, HostIdentity as) throws IOException {
        RawPeer peer = dial(host.address());
        peer.send(HandshakeFrames.magic(), hello(as, host.node.value()));
        if (!(peer.read() instanceof Frame.HelloAck)) {
            throw new IOException("no consent");
        }
        return peer;
    }

    static byte[] hello(HostIdentity as, String target) {
        return HandshakeFrames.encode(new Frame.Hello(1, 1, as, NodeId.of(target), 42, 2000));
    }

    static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    void send(byte[]... parts) throws IOException {
        OutputStream out = socket.getOutputStream();
        for (byte[] part : parts) {
            out.write(part);
        }
        out.flush();
    }

    /** The next frame; null at the end of the connection. */
    Frame read() throws IOException {
        int length;
        try {
            length = in.readInt();
        } catch (IOException e) {
            return null; // closed, or reset since we had sent more than it read
        }
        byte[] body = new byte[length];
        in.readFully(body);
        return new FrameDecoder(new MessageFormats()).decode(body, Codec.SPEAKER);
    }

    /** Whether the other side has sent anything that wasn't read. */
    boolean hasAnswer() throws IOException {
        return in.available() > 0;
    }

    void expectMagic() throws IOException {
        byte[] magic = new byte[HandshakeFrames.magic().length];
        in.readFully(magic);
        if (!Arrays.equals(magic, HandshakeFrames.magic())) {
            throw new IOException("no magic: " + Arrays.toString(magic));
        }
    }

    /** Accepts a dial as {@code identity}. */
    static RawPeer answer(ServerSocket server, HostIdentity identity) throws IOException {
        RawPeer peer = new RawPeer(server.accept());
        peer.expectMagic();
        Frame.Hello hello = (Frame.Hello) peer.read();
        peer.send(HandshakeFrames.encode(new Frame.HelloAck(1, identity, hello.challenge())));
        return peer;
    }

    boolean closedByOther() throws IOException {
        return read() == null;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
