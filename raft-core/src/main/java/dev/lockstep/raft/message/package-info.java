/** What servers say to each other: one record per wire message, in one sealed family. */
@NullMarked
package dev.lockstep.raft.message;

import org.jspecify.annotations.NullMarked;
