/** Redis clients that know how a command ended, and what a node tells of itself. */
@NullMarked
package dev.lockstep.raft.harness.client;

import org.jspecify.annotations.NullMarked;
