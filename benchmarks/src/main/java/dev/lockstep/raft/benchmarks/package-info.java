/** JMH benchmarks. */
@NullMarked
package dev.lockstep.raft.benchmarks;

import org.jspecify.annotations.NullMarked;
