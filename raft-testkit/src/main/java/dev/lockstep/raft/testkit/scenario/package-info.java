/** Scenarios: text files of commands and the output that is expected of each block of them. */
@NullMarked
package dev.lockstep.raft.testkit.scenario;

import org.jspecify.annotations.NullMarked;
