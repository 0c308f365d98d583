/** A simulated network: the transport of every host, and the faults between them. */
@NullMarked
package dev.lockstep.raft.testkit.net;

import org.jspecify.annotations.NullMarked;
