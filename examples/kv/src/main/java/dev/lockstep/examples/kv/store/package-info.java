/**
 * The replicated state: keys, values and deadlines, what can be done with them, and how that is
 * written into the log. Pure and deterministic: no clock, no randomness, no I/O, no hash order.
 */
@NullMarked
package dev.lockstep.examples.kv.store;

import org.jspecify.annotations.NullMarked;
