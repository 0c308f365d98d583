/**
 * The write-ahead log that all groups of a host share: its format, its recovery, the identity of
 * the data, and ways to look into it offline.
 */
@NullMarked
package dev.lockstep.raft.storage;

import org.jspecify.annotations.NullMarked;
