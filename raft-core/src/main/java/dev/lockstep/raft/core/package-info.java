/**
 * The whole protocol as one pure state machine: events go in, effects come out, and no thread,
 * clock, I/O, lock, logger or unseeded random number is inside.
 */
@NullMarked
package dev.lockstep.raft.core;

import org.jspecify.annotations.NullMarked;
