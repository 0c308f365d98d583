/** What clients do while faults happen, and what they remember of it. */
@NullMarked
package dev.lockstep.raft.harness.workload;

import org.jspecify.annotations.NullMarked;
