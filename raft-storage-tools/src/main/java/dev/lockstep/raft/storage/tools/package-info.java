/**
 * The command {@code lockstep-storage}. It works on directories of hosts that are down; {@code
 * docs/operations.md} has the procedures.
 */
@NullMarked
package dev.lockstep.raft.storage.tools;

import org.jspecify.annotations.NullMarked;
