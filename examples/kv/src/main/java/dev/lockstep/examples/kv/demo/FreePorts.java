package dev.lockstep.examples.kv.demo;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of this machine that nobody listens on. */
public final class FreePorts {
    /**
     * Systems give those from 32768 on, or from 49152 on, to whoever asks for any port or connects
     * to somewhere; those below are only used by who names them.
     */
    private static final int FIRST = 20_000;

    private static final int END = 32_768;
    private static final int ATTEMPTS = 1_000;

    private FreePorts() {}

    /**
     * All are held until the last is found, so they differ. Somebody else may still be quicker to
     * use one.
     */
    public static List<Integer> find(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            List<Integer> ports = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                ServerSocket socket = bindAny();
                held.add(socket);
                ports.add(socket.getLocalPort());
            }
            return ports;
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
    }

    private static ServerSocket bindAny() throws IOException {
        for (int attempt = 1; ; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, END);
            try {
                return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
            } catch (BindException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }
}
