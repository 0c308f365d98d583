package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.Fault;
import dev.lockstep.raft.model.NodeId;
import dev.lockstep.raft.spi.Transport;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log and the host of refused connections: when the reason changes, and else every 30
 * seconds, since a misconfigured peer dials for ever.
 */
final class RefusalLog {
    private static final Logger LOG = LoggerFactory.getLogger(NettyTransport.class);
    private static final long REPEAT_NANOS = Duration.ofSeconds(30).toNanos();
    private static final int MOST_REMEMBERED = 64;

    private final NodeId self;
    private final Transport.Receiver receiver;
    private final Map<String, Told> told =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Told> eldest) {
                    return size() > MOST_REMEMBERED; // strangers choose their names
                }
            };

    private record Told(Fault fault, long atNanos) {}

    RefusalLog(NodeId self, Transport.Receiver receiver) {
        this.self = self;
        this.receiver = receiver;
    }

    /**
     * @param peer whom it is about; null when that isn't one of the peers
     * @param key what the next refusal is compared by
     */
    void tell(@Nullable NodeId peer, String key, Fault fault) {
        long now = System.nanoTime();
        Told last = told.get(key);
        if (last != null && last.fault.equals(fault) && now - last.atNanos < REPEAT_NANOS) {
            return;
        }
        told.put(key, new Told(fault, now));
        LOG.warn("{}: connection refused: {}", self, fault);
        try {
            receiver.refused(peer, fault);
        } catch (RuntimeException e) {
            LOG.error("{}: the receiver failed to take a refusal", self, e);
        }
    }

    /**
     * Tells the next refusal under that key even if it is the same: in between the peer was
     * connected.
     */
    void forget(String key) {
        told.remove(key);
    }
}
