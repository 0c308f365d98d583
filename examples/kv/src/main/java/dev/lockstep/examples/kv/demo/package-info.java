/**
 * The demonstration: three server processes on this machine, and a check that they keep what they
 * acknowledge.
 */
@NullMarked
package dev.lockstep.examples.kv.demo;

import org.jspecify.annotations.NullMarked;
