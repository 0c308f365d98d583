package dev.lockstep.examples.kv.demo;

import dev.lockstep.examples.kv.store.Reply;
import dev.lockstep.raft.model.Payload;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The plainest client of the Redis protocol: words out, replies in. For one thread. */
public final class RespClient implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    private RespClient(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        this.out = new BufferedOutputStream(socket.getOutputStream());
    }

    /**
     * Connects on this machine.
     *
     * @param timeout how long to wait for the connection, and for each reply
     */
    public static RespClient connect(int port, Duration timeout) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) timeout.toMillis());
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                    (int) timeout.toMillis());
            return new RespClient(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Sends one command and waits for its reply. */
    public Reply call(String... words) throws IOException {
        send(words);
        return receive();
    }

    /** Sends one command, at the latest when a reply is waited for. */
    public void send(String... words) throws IOException {
        writeLine("*" + words.length);
        for (String word : words) {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            writeLine("$" + bytes.length);
            out.write(bytes);
            writeLine("");
        }
    }

    /** Sends bytes as they are. */
    public void sendRaw(String bytes) throws IOException {
        out.write(bytes.getBytes(StandardCharsets.UTF_8));
    }

    /** Lets everything that was sent leave now. */
    public void flush() throws IOException {
        out.flush();
    }

    /**
     * Waits for the next reply.
     *
     * @throws EOFException when the server has closed the connection
     */
    public Reply receive() throws IOException {
        out.flush();
        return readReply();
    }

    private Reply readReply() throws IOException {
        byte kind = in.readByte();
        String line = readLine();
        return switch (kind) {
            case '+' -> new Reply.Status(line);
            case '-' -> new Reply.Failure(line);
            case ':' -> new Reply.Whole(Long.parseLong(line));
            case '$' -> readBulk(Integer.parseInt(line));
            case '*' -> readMany(Integer.parseInt(line));
            default -> throw new IOException("not a reply: " + (char) kind + line);
        };
    }

    private Reply readBulk(int length) throws IOException {
        if (length < 0) {
            return Reply.nil();
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        readLine();
        return new Reply.Bulk(Payload.wrap(bytes));
    }

    private Reply readMany(int count) throws IOException {
        List<Reply> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(readReply());
        }
        return new Reply.Many(all);
    }

    private String readLine() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte b = in.readByte(); b != '\r'; b = in.readByte()) {
            bytes.write(b);
        }
        in.readByte();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private void writeLine(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.write('\r');
        out.write('\n');
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
