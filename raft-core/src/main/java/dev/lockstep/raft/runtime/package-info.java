/**
 * Drives the cores: the event loop that owns many of them, its bounded mailbox, and the workers
 * that carry out their effects on disks, peers and state machines.
 */
@NullMarked
package dev.lockstep.raft.runtime;

import org.jspecify.annotations.NullMarked;
