package dev.lockstep.raft.spi;

import dev.lockstep.raft.model.ClusterId;
import dev.lockstep.raft.model.NodeId;
import java.util.UUID;

/**
 * Who a host is, as its directory says and its handshakes tell.
 *
 * @param cluster the cluster that it belongs to
 * @param node its name there
 * @param incarnation drawn when the directory was first made
 * @param boot counts the starts of this directory from 1; durable before anything is sent
 * @param bootNonce drawn at this start, so that two copies of one directory can be told apart
 */
public record HostIdentity(
        ClusterId cluster, NodeId node, UUID incarnation, long boot, long bootNonce) {}
