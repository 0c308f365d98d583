/** A cluster in one thread and virtual time, faults to break it with, and checkers that notice. */
@NullMarked
package dev.lockstep.raft.testkit;

import org.jspecify.annotations.NullMarked;
