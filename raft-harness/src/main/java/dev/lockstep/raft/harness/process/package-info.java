/** Servers as processes of their own, to be killed, paused and restarted. */
@NullMarked
package dev.lockstep.raft.harness.process;

import org.jspecify.annotations.NullMarked;
