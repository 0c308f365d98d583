package dev.lockstep.raft.model;

/**
 * Where a host is reached. The name is resolved again at each connection, and is never taken for
 * the host's identity.
 *
 * @param node who lives there
 * @param host a name or an IP address; an IPv6 address without brackets
 * @param port 1 to 65535
 */
public record PeerAddress(NodeId node, String host, int port) {
    public PeerAddress {
        if (host.isBlank()) {
            throw new IllegalArgumentException("the address of " + node + " has no host");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException(
                    "the port of " + node + " must be 1 to 65535: " + port);
        }
    }

    /**
     * Reads {@code n1=host:port}; an IPv6 address stands in brackets.
     *
     * @throws IllegalArgumentException when the text is not of that form
     */
    public static PeerAddress parse(String text) {
        int equals = text.indexOf('=');
        int colon = text.lastIndexOf(':');
        if (equals < 1 || colon <= equals) {
            throw new IllegalArgumentException(
                    "a peer is written as node=host:port, not '" + text + "'");
        }
        String host = text.substring(equals + 1, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            return new PeerAddress(
                    NodeId.of(text.substring(0, equals).trim()),
                    host.trim(),
                    Integer.parseInt(text.substring(colon + 1).trim()));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("the port in '" + text + "' is not a number", e);
        }
    }

    @Override
    public String toString() {
        return node + "=" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
