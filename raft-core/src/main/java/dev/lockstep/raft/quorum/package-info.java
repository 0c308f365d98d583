/**
 * Pure arithmetic of agreement: majorities, joint quorums, vote tallies and the commit index that a
 * set of acknowledgements allows.
 */
@NullMarked
package dev.lockstep.raft.quorum;

import org.jspecify.annotations.NullMarked;
