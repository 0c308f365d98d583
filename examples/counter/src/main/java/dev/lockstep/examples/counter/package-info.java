/** The smallest complete program. */
@NullMarked
package dev.lockstep.examples.counter;

import org.jspecify.annotations.NullMarked;
