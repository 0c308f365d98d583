/** Registers what a host measures with a Micrometer registry. */
@NullMarked
package dev.lockstep.raft.metrics.micrometer;

import org.jspecify.annotations.NullMarked;
