/**
 * A replicated key-value server that speaks the Redis protocol: the socket, the commands, and the
 * process around them.
 */
@NullMarked
package dev.lockstep.examples.kv;

import org.jspecify.annotations.NullMarked;
