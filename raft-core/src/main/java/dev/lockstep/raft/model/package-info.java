/**
 * The values that everything else speaks in: ids, log positions, entries, payloads, hard state,
 * membership, options and the ways a request can fail; immutable, and checked when they are made.
 */
@NullMarked
package dev.lockstep.raft.model;

import org.jspecify.annotations.NullMarked;
