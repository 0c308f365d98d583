/**
 * Explores, breadth first and within bounds, every state that a few real cores can reach together.
 */
@NullMarked
package dev.lockstep.raft.testkit.explore;

import org.jspecify.annotations.NullMarked;
