package dev.lockstep.raft.transport.netty;

import dev.lockstep.raft.model.PeerAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Finds where a peer is now. Asked anew for each dial, on a thread that may wait. */
@FunctionalInterface
interface NameLookup {
    /**
     * The machine's own resolver; when a name has several addresses, each dial takes the next one.
     */
    NameLookup SYSTEM =
            (peer, dial) -> {
                InetAddress[] all = InetAddress.getAllByName(peer.host());
                return new InetSocketAddress(all[Math.floorMod(dial, all.length)], peer.port());
            };

    /**
     * @param dial counts the dials of this peer from 0
     */
    InetSocketAddress lookUp(PeerAddress peer, int dial) throws UnknownHostException;
}
