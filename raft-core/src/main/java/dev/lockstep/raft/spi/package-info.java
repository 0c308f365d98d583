/**
 * What Lockstep asks of its surroundings and of the application: transport, log store, snapshot
 * store, state machine, listener, event loop and clock, each with what a failure of it means.
 */
@NullMarked
package dev.lockstep.raft.spi;

import org.jspecify.annotations.NullMarked;
