/** Judges what a workload remembers against what the cluster holds. */
@NullMarked
package dev.lockstep.raft.harness.check;

import org.jspecify.annotations.NullMarked;
