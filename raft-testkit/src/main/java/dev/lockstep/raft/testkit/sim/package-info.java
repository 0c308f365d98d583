/**
 * Virtual time and what lives in it: random numbers from one seed, clocks, processes and their
 * event loops.
 */
@NullMarked
package dev.lockstep.raft.testkit.sim;

import org.jspecify.annotations.NullMarked;
