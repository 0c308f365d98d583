package dev.lockstep.raft.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Loopback ports that nobody else is given, also while the host that uses one is down; tests in
 * another JVM look for free ones at the same time.
 *
 * <p>Linux lets several sockets bind a port as long as all set SO_REUSEADDR and none listens; so a
 * host may still listen there. Other systems forbid that, and there the ports are let go at once.
 */
final class HeldPorts implements AutoCloseable {
    private static final boolean CAN_HOLD =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");

    private final List<Socket> holders = new ArrayList<>();

    /** The next one, as a host's address. */
    String next(String node) throws IOException {
        Socket holder = new Socket();
        holders.add(holder);
        holder.setReuseAddress(true);
        holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return node + "=127.0.0.1:" + holder.getLocalPort();
    }

    /** To be called when all are known, so that they differ. */
    void letHostsListen() throws IOException {
        if (!CAN_HOLD) {
            close();
        }
    }

    @Override
    public void close() throws IOException {
        for (Socket holder : holders) {
            holder.close();
        }
    }
}
