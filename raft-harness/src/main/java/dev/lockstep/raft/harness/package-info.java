/** End-to-end tests of real processes: what every part of them shares. */
@NullMarked
package dev.lockstep.raft.harness;

import org.jspecify.annotations.NullMarked;
