/** A simulated disk, which loses what was not synced, and fails when it is told to. */
@NullMarked
package dev.lockstep.raft.testkit.disk;

import org.jspecify.annotations.NullMarked;
