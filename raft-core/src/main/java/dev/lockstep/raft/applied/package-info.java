/**
 * What every replica makes of committed entries beside the user's state machine: client sessions
 * and hashes that replicas compare. Nothing here depends on anything but the entries.
 */
@NullMarked
package dev.lockstep.raft.applied;

import org.jspecify.annotations.NullMarked;
