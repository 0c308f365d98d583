package dev.lockstep.raft.archfixtures.io.model;

import java.net.Socket;

final class BadSocket {
    Socket socket = new Socket();
}
