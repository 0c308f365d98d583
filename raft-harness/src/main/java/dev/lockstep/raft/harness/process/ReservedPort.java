package dev.lockstep.raft.harness.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Locale;

/**
 * A loopback port that nobody else is given, also while the server that uses it is down.
 *
 * <p>Linux lets several sockets bind a port as long as all set SO_REUSEADDR and none listens. So a
 * socket that is bound here, and does nothing else, keeps the port from those who ask for any free
 * one, and the server, which sets that option, may still listen there. Other systems forbid that;
 * there the port is let go at once, and whoever starts a server must be ready to choose again.
 */
final class ReservedPort implements AutoCloseable {
    private static final boolean CAN_HOLD =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");

    private final Socket holder;
    private final int number;

    ReservedPort() throws IOException {
        holder = new Socket();
        holder.setReuseAddress(true);
        holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        number = holder.getLocalPort();
        if (!CAN_HOLD) {
            holder.close();
        }
    }

    int number() {
        return number;
    }

    @Override
    public void close() throws IOException {
        holder.close();
    }
}
